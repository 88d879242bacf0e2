// People, rights and master data.

extension ScenarioTable {
    static let changedRights = [
        Sentence(
            "S-24",
            "ops before the cut-off are accepted, the op of 11 March is quarantined for an admin",
            .holds(
                "S-24 FP-016 TV-014: what was done before the role ended counts, "
                    + "what came after is aside"
            )
        ),
        Sentence(
            "S-24",
            "unknown fields are stored and forwarded unread, not dropped",
            .holds(
                "200 seeds with three versions agree once all are upgraded, "
                    + "and equal a fold from nothing"
            )
        ),
        Sentence(
            "S-24",
            "the node is told to update",
            .holds(
                "S-24 DOM-293: a station that is older than its hub is told to update, and works on"
            )
        ),
        Sentence(
            "S-24",
            "release possible because the author could not know",
            .holds("S-24 what was set aside is released by a person, and then counts everywhere")
        ),
        Sentence(
            "S-24",
            "the node keeps working read and write",
            .holds(
                "S-24 the station that did not know goes on working, "
                    + "and hears of it with the directory"
            )
        ),
    ]

    static let masterData = [
        Sentence(
            "S-11",
            "rows with faults are in import_error with joined reasons",
            .holds("S-11 bad rows are listed with all their reasons, and the good rows are taken")
        ),
        Sentence(
            "S-11",
            "the duplicate updates one row",
            .holds("S-11 a doubled id is one row that the later one updates")
        ),
        Sentence(
            "S-11",
            "the rest are in under 30 s",
            .holds("TV-161: a thousand rows take less than 30 seconds, in actions of thousands")
        ),
        Sentence(
            "S-11",
            "a second run changes nothing",
            .holds(
                "S-11 a second run changes nothing and says so; a changed cell changes one field"
            )
        ),
        Sentence(
            "S-11",
            "the hub imports and the stations pull",
            .holds("S-11 what the hub takes in, every station holds after they met")
        ),
        Sentence(
            "S-11",
            "a row signed by a non-admin key is rejected",
            .holds("S-11 a station cannot write master data: not in its own name, nor in a hub's")
        ),
        Sentence("S-11", "names rank above descriptions above numbers", .later("search")),
        Sentence("S-11", "a station without hub searches in < 100 ms", .later("search")),
        Sentence("S-11", "1000 parts, categories, 219 assemblies", .later("parts and assemblies")),
    ]
}
