// Sentences about stages that advance, and about numbers.

extension ScenarioTable {
    static let stages = [
        Sentence(
            "S-01",
            "the same rows wherever people work and in whatever order stations meet",
            .holds(
                "S-01 in every order of meeting, all nodes show the same four rows in the same "
                    + "states"
            )
        ),
        Sentence(
            "S-02",
            "the stage does not auto-advance",
            .holds("S-02 FP-068: a block beside the last finish takes the unconfirmed advance back")
        ),
        Sentence(
            "S-05",
            "ST-3 shows the next stage as provisional and seeds the Supplier RFQ rows",
            .holds(
                "S-05 FP-068: the last review shows the next stage at once, as provisional"
            )
        ),
        Sentence(
            "S-05",
            "the hub confirms one stage event after sync even if ST-1 derived the same advance",
            .holds(
                "S-05 FP-068: the hub confirms one event although two stations derived the advance"
            )
        ),
        Sentence(
            "S-05",
            "an override of sales or without a reason is refused, with one accepted and audited",
            .holds("S-05 FP-069: an override needs management and a reason")
        ),
        Sentence(
            "S-05",
            "a forged override is quarantined at the hub",
            .holds(
                "S-05 FP-069 DOM-125: a forged override of sales is set aside everywhere"
            )
        ),
        Sentence(
            "S-05",
            "a skip of what cannot be skipped is quarantined with policy_denied",
            .holds(
                "S-05 FP-066 C-68: a skip of what cannot be skipped is refused, and quarantined if "
                    + "forged"
            )
        ),
    ]

    static let numbers = [
        Sentence(
            "S-09",
            "leased numbers already used are not issued again",
            .holds("S-09 C-20: a restored station does not go on in the old lease")
        )
    ]
}
