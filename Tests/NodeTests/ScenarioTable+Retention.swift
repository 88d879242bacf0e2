extension ScenarioTable {
    static let retention = [
        Sentence(
            "S-25",
            "class R7 records are exported to a signed archive, then purged with certificate",
            .holds(
                "S-25 TV-055 what is closed for eight years is archived, certified and gone "
                    + "everywhere"
            )
        ),
        Sentence(
            "S-25",
            "the held document stays with its links",
            .holds(
                "S-25 TV-053 a held record stays with its whole subject and its links, until "
                    + "released"
            )
        ),
        Sentence(
            "S-25",
            "ST-2 gets the purge list and does not bring rows back",
            .holds(
                "S-25 ST-2 comes back after 14 months with old rows, and does not bring them back"
            )
        ),
        Sentence(
            "S-25",
            "what ST-2 had not sent is not lost",
            .holds(
                "S-25 unsent work in what was purged is kept and shown, and a hold lets it reach "
                    + "the hub"
            )
        ),
        Sentence(
            "S-25",
            "the job may be killed at any step",
            .holds("S-25 ended after any step, the next run finishes it once")
        ),
        Sentence(
            "S-25",
            "an archive that was edited is found out",
            .holds("S-25 any byte of an archive that is changed, and any cut, is found (RET-3)")
        ),
        Sentence("S-25", "chain verification names the hub sequence", .later("the audit tree")),
        Sentence(
            "S-25",
            "general audit older than 3 years is in the archive, approval audit online",
            .later("the audit tree")
        ),
        Sentence("S-25", "an erasure destroys the person's field key", .later("personal keys")),
    ]
}
