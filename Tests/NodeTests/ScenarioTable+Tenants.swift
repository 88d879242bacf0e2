/// S-16 and S-17: what one tenant can do to another, and see of it.
extension ScenarioTable {
    static let tenants = [
        Sentence(
            "S-16",
            "what is another tenant's, a hub's or another site's to write does not count",
            .holds(
                "S-16 FP-005 AD-002: what is not a station's to write counts for nothing"
            )
        ),
        Sentence("S-16", "one security notification", .later("notices of refusals")),
        Sentence(
            "S-17",
            "no row, count or frame reveals that something exists",
            .holds("S-17 TV-003: what is foreign, hidden or not there looks alike")
        ),
        Sentence(
            "S-17",
            "a device of one tenant is a stranger to the other",
            .holds("S-17 FP-009: two tenants share a port and are strangers")
        ),
        Sentence("S-17", "a blob is asked for by its known hash", .later("files")),
    ]
}
