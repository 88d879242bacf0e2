/// What S-02, S-03 and S-20 come to beyond their sentences: orders of meetings, one node, holds.
extension ScenarioTable {
    static let process = [
        Sentence(
            "S-03",
            "the photo's hash and name are on record everywhere",
            .holds(
                "S-03 the photo of the failure is on record at every node, with the defect it shows"
            )
        ),
        Sentence(
            "S-03",
            "on one node too",
            .holds("S-03 at one node, two forms that were opened at once come to the same")
        ),
        Sentence(
            "S-03",
            "a plan holds its sub-stage and stage until the inspection has passed",
            .holds(
                "S-03 TV-130 a plan holds its sub-stage and its stage until it has passed"
            )
        ),
        Sentence(
            "S-20",
            "the same in every order of meetings",
            .holds("S-20 to the minute, in every order of meetings: 190 and 90, then 60 and 90")
        ),
        Sentence(
            "S-20",
            "the same on one node",
            .holds("S-20 at one node the same day has the same figures")
        ),
        Sentence(
            "S-02",
            "on one node too",
            .holds("S-02 at one node, two forms that were opened at once come to the same")
        ),
        Sentence(
            "S-02",
            "a finish that knew of no open task counts, and is shown with it",
            .holds(
                "S-02 a finish that knew of no open task counts, and is shown with it at every node"
            )
        ),
        Sentence(
            "S-02",
            "a finish that knew of no critical defect counts, and is shown with it",
            .holds(
                "S-02 a critical defect that a finish knew nothing of is shown, and then holds"
            )
        ),
    ]
}
