/// S-04, S-18 and S-19: decisions of the hub, in time and too late.
extension ScenarioTable {
    static let approvals = [
        Sentence(
            "S-04",
            "the approval stays valid for H1 only; attempt 2, in_progress; the completion is kept",
            .holds(
                "S-04 FP-101: the approval stays valid for H1 alone; everywhere attempt 2 is in "
                    + "progress"
            )
        ),
        Sentence(
            "S-04",
            "a new request for H2 is needed",
            .holds(
                "P13 T26 S-04: what was approved is H1; H2 is asked for anew, and needs its own "
                    + "decision"
            )
        ),
        Sentence(
            "S-04",
            "notification approval outdated by rework goes to Tran Thi B and the requester",
            .holds("S-04: who approved and who asked are told that it is outdated by rework")
        ),
        Sentence(
            "S-18",
            "sla_due_at is 23:30 (receipt + 8 h), the card shows age 15.5 h since request",
            .holds(
                "FP-098 S-18: the clock starts at the hub's receipt: due at 23:30, 15.5 hours old"
            )
        ),
        Sentence(
            "S-18",
            "at breach exactly one escalate event goes to the manager chain; status stays pending",
            .holds(
                "FP-099 S-18: at the breach exactly one escalation goes to the managers above, once"
            )
        ),
        Sentence(
            "S-18",
            "optional reassign to the next delegate",
            .holds("S-18: a breach gives it to the next to whom the rights are lent")
        ),
        Sentence(
            "S-18",
            "had the approver been Vu Thi F the notice goes to all management members",
            .holds("S-18: above Vu Thi F, who has no manager, all of management is told")
        ),
        Sentence(
            "S-18",
            "hub restart at 23:31 does not repeat it",
            .holds("S-18: a hub that is killed after each deed ends where one that lived does")
        ),
        Sentence(
            "S-18",
            "low priority without a configured SLA uses the tenant default",
            .holds("C-19 S-18: low priority without hours of its own has those of the tenant")
        ),
        Sentence(
            "S-19",
            "approvers are auto; manager; manager; two; two; three",
            .holds(
                "AD-015 AD-016 S-19: six items have their approvers, and the least is approved by "
                    + "itself"
            )
        ),
        Sentence(
            "S-19",
            "the new revision is not covered, and the hub opens a two-approver request",
            .holds(
                "S-19: an item that is changed at the venue is outdated there, and needs two "
                    + "approvers"
            )
        ),
        Sentence(
            "S-19",
            "the auto tier never approves an item that was split without an audit flag",
            .holds(
                "S-19: what was split to stay below the bound is never approved without an audit "
                    + "flag"
            )
        ),
    ]
}
