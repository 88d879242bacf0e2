/// What people get wrong at the command line, each with the status and the reason that answer it.
enum BadInput {
    struct Case: Sendable {
        let command: String
        let status: Int32
        let reason: String

        init(_ command: String, _ status: Int32, _ reason: String) {
            self.command = command
            self.status = status
            self.reason = reason
        }
    }

    static let all = people + projects + days + progress + tasks + hours + quality + office

    private static let project = "PRJ-000123"
    private static let manager = "--as nguyen.van.a"
    /// Stands for a text of 10,000 letters.
    static let long = "@LONG"

    private static let people = [
        Case("user add do.thi.j --name X --as nguyen.a", 1, "taken"),
        Case("user add \"Bad Name\" --name X --as nguyen.a", 65, "unknown-value"),
        Case("user add new.one --name X --email nobody --as nguyen.a", 65, "not-an-email"),
        Case("user add new.one --name @LONG --as nguyen.a", 65, "too-long"),
        Case("user edit nobody --name X --as nguyen.a", 66, "unknown-name"),
        Case("user edit do.thi.j --manager do.thi.j --as nguyen.a", 1, "own-manager"),
        Case("role grant do.thi.j painter --as nguyen.a", 65, "unknown-role"),
        Case("role grant do.thi.j qa --level 9 --as nguyen.a", 65, "out-of-range"),
        Case("role grant do.thi.j qa --from 2025-13-01 --as nguyen.a", 65, "not-a-day"),
        Case(
            "role grant do.thi.j qa --from 2025-06-02 --until 2025-06-01 --as nguyen.a",
            1,
            "interval"
        ),
        Case("role grant do.thi.j qa --site NOWHERE --as nguyen.a", 66, "unknown-name"),
        Case("role grant do.thi.j qa --as do.thi.j", 1, "not-allowed"),
        Case("right grant qa \"bad pattern\" --as nguyen.a", 65, "unknown-value"),
        Case("delegate add bui.thi.h --until 2020-01-01 --reason x --as do.thi.j", 1, "interval"),
        Case("delegate add do.thi.j --until 2030-01-01 --reason x --as do.thi.j", 1, "interval"),
        Case(
            "delegate add bui.thi.h --until 2030-01-01 --reason \" \" --as do.thi.j",
            1,
            "reason-required"
        ),
        Case("user bind nobody", 66, "unknown-name"),
    ]

    private static let projects = [
        Case("project create \" \" --workflow \"Default Workflow\" \(manager)", 65, "empty"),
        Case("project create @LONG --workflow \"Default Workflow\" \(manager)", 65, "too-long"),
        Case("project create X --workflow Nothing \(manager)", 66, "unknown-name"),
        Case(
            "project create X --workflow \"Default Workflow\" --priority soon \(manager)",
            65,
            "unknown-value"
        ),
        Case(
            "project create X --workflow \"Default Workflow\" --number PRJ-000123 \(manager)",
            1,
            "exists"
        ),
        Case("project create X --workflow \"Default Workflow\" --as ly.van.k", 1, "not-allowed"),
        Case("project edit \(project) \(manager)", 64, "no-edit"),
        Case("project edit \(project) --title \" \" \(manager)", 65, "empty"),
        Case("project edit PRJ-9 --title X \(manager)", 66, "unknown-name"),
        Case("project cancel \(project) --reason x --as ly.van.k", 1, "not-allowed"),
        Case(
            "project intake X --contact C --email bad --company \"New Co\" \(manager)",
            65,
            "contact-failed"
        ),
        Case(
            "project intake X --contact \" \" --email a@b.vn --company \"New Co\" \(manager)",
            65,
            "contact-failed"
        ),
        Case("project intake X --contact C --email a@b.vn \(manager)", 65, "company-failed"),
        Case("project list --after zz", 65, "not-a-cursor"),
        Case("project list --late --overdue", 64, "two-orders"),
        Case("stage advance \(project) production \(manager)", 1, "wrong-order"),
        Case("stage advance \(project) completed --as ly.van.k", 1, "stage-not-complete"),
        Case("stage advance \(project) completed --reason \" \" \(manager)", 1, "reason-required"),
        Case("stage advance \(project) nowhere --reason x \(manager)", 66, "unknown-name"),
        Case("stage criterion \(project) nothing --met \(manager)", 66, "unknown-name"),
    ]

    private static let days = [
        Case(
            "project create X --workflow \"Default Workflow\" --due 2025-02-30 --site HCM "
                + "\(manager)",
            65,
            "not-a-day"
        )
    ]

    private static let progress = [
        Case("progress finish \(project) assembly --as do.thi.j", 1, "wrong-order"),
        Case("progress start \(project) final_inspection --as do.thi.j", 1, "stage-not-current"),
        Case(
            "progress skip \(project) production_setup --reason x --as do.thi.j",
            1,
            "not-skippable"
        ),
        Case("progress start \(project) assembly --as pham.thi.d", 1, "not-allowed"),
        Case("progress block \(project) assembly --as do.thi.j", 1, "reason-required"),
        Case("progress unblock \(project) assembly --as do.thi.j", 1, "wrong-order"),
        Case("progress finish \(project) quality_testing --as do.thi.j", 1, "not-allowed"),
        Case("progress note \(project) assembly \"\" x --as do.thi.j", 65, "empty"),
        Case("progress assign \(project) assembly --to nobody --as do.thi.j", 66, "unknown-name"),
    ]

    private static let tasks = [
        Case("task add \(project) \" \" \(manager)", 65, "empty"),
        Case("task add \(project) X --code T-1 \(manager)", 1, "already-there"),
        Case("task add \(project) X --sub-stage nowhere \(manager)", 66, "unknown-name"),
        Case("task add \(project) X --type DANCING \(manager)", 65, "unknown-value"),
        Case("task add \(project) X --as bui.thi.h", 1, "not-allowed"),
        Case("task link \(project) T-2 T-1 \(manager)", 1, "cycle"),
        Case("task link \(project) T-1 T-1 \(manager)", 1, "cycle"),
        Case("task link \(project) T-1 T-2 \(manager)", 1, "already-there"),
        Case("task link \(project) T-1 T-9 \(manager)", 66, "unknown-name"),
        Case("task link \(project) T-1 T-2 --kind AFTER \(manager)", 65, "unknown-value"),
        Case("task start \(project) T-2 --as do.thi.j", 1, "dependency-open"),
        Case("task complete \(project) T-1 --as do.thi.j", 1, "wrong-order"),
        Case("task progress \(project) T-1 50 --as do.thi.j", 1, "wrong-order"),
        Case("task progress \(project) T-1 150 --as do.thi.j", 1, "wrong-order"),
        Case("task hold \(project) T-1 --as do.thi.j", 1, "reason-required"),
        Case("task cancel \(project) T-1 \(manager)", 1, "reason-required"),
        Case("task start \(project) T-9 --as do.thi.j", 66, "unknown-name"),
    ]

    private static let hours = [
        Case(
            "hours log \(project) --start 10:00 --end 09:00 --as ly.van.k --site HCM",
            1,
            "end-before-start"
        ),
        Case(
            "hours log \(project) --start 25:00 --end 26:00 --as ly.van.k --site HCM",
            65,
            "not-a-time"
        ),
        Case(
            "hours log PRJ-9 --start 09:00 --end 10:00 --as ly.van.k --site HCM",
            66,
            "unknown-name"
        ),
        Case("hours stop --as ly.van.k", 1, "not-running"),
        Case("hours undo --as ly.van.k", 1, "not-running"),
        Case(
            "hours correct 000000 --end 10:00 --reason x --as ly.van.k --site HCM",
            66,
            "unknown-name"
        ),
    ]

    private static let quality = [
        Case(
            "qc start \(project) --process NOTHING --build B-1 --as bui.thi.h",
            66,
            "unknown-name"
        ),
        Case("qc start \(project) --process FINAL_QC --build B-1 --as bui.thi.h", 1, "wrong-order"),
        Case(
            "qc start \(project) --process FINAL_QC --build B-2 --attempt 0 --as bui.thi.h",
            1,
            "wrong-order"
        ),
        Case("qc start \(project) --process FINAL_QC --build B-2 --as ly.van.k", 1, "not-allowed"),
        Case("qc measure \(project) 4 1,000 --as bui.thi.h", 65, "thousands"),
        Case("qc measure \(project) 4 abc --as bui.thi.h", 65, "not-a-number"),
        Case("qc measure \(project) 4 1e999 --as bui.thi.h", 65, "not-a-number"),
        Case("qc measure \(project) 4 0.42 --unit furlong --as bui.thi.h", 1, "wrong-unit"),
        Case("qc measure \(project) 99 1 --as bui.thi.h", 1, "unknown-item"),
        Case("qc measure \(project) 1 na --as bui.thi.h", 1, "reason-required"),
        Case("qc measure \(project) 4 12345678901234567890 --as bui.thi.h", 65, "too-many-digits"),
        Case("qc waiver ask \(project) --reason x --as ly.van.k", 1, "not-allowed"),
        Case(
            "defect report \(project) \" \" --severity MINOR --as bui.thi.h",
            1,
            "reason-required"
        ),
        Case("defect resolve \(project) D-9 --as bui.thi.h", 66, "unknown-name"),
        Case("defect verify \(project) D-1 --as bui.thi.h", 1, "wrong-order"),
        Case("defect waive \(project) D-1 --reason x --as bui.thi.h", 1, "not-allowed"),
    ]

    private static let office = [
        Case("company add \" \" \(manager)", 65, "empty"),
        Case("company add X --kind friend \(manager)", 65, "unknown-value"),
        Case("company edit NOBODY --name X \(manager)", 66, "unknown-name"),
        Case("contact add X --company NOBODY \(manager)", 66, "unknown-name"),
        Case("vendor rate NOBODY --quality 5 \(manager)", 66, "unknown-name"),
        Case("workflow clone Nothing \(manager)", 66, "unknown-name"),
        Case("workflow publish \"Default Workflow\" \(manager)", 1, "published"),
        Case("workflow edit \"Default Workflow\" --stage nowhere \(manager)", 1, "published"),
        Case("number grant --prefix PRJ- --count 0 \(manager)", 65, "out-of-range"),
        Case("number grant --prefix PRJ- --count 5 --as ly.van.k", 1, "not-allowed"),
        Case("import /etc/hostname --table companies \(manager)", 65, "unknown-column"),
        Case("message send \" \" --as do.thi.j", 65, "empty"),
        Case("message send hello --to nobody --as do.thi.j", 66, "unknown-name"),
        Case("handover write \" \" --as do.thi.j --site HCM", 65, "empty"),
        Case("inbox read 00000000 --as do.thi.j", 66, "unknown-name"),
        Case("conflict settle 00000000 --side 1 \(manager)", 66, "unknown-name"),
        Case("history NOTHING", 66, "unknown-name"),
        Case("timeline NOTHING", 66, "unknown-name"),
        Case("user show nobody", 66, "unknown-name"),
        Case("right grant nobody \"x:*\" --as nguyen.a", 65, "unknown-role"),
        Case("role end do.thi.j painter --as nguyen.a", 65, "unknown-role"),
        Case("delegate end 00000000 --as nguyen.a", 66, "unknown-name"),
        Case("message read 00000000 --as do.thi.j", 66, "ambiguous-name"),
        Case("handover ack 00000000 --as do.thi.j", 66, "ambiguous-name"),
        Case("company accept NOBODY \(manager)", 66, "unknown-name"),
        Case("contact primary NOBODY \(manager)", 66, "unknown-name"),
        Case("vendor show NOBODY", 66, "unknown-name"),
        Case("stage history PRJ-9", 66, "unknown-name"),
        Case("progress show PRJ-9", 66, "unknown-name"),
        Case("qc show PRJ-9", 66, "unknown-name"),
        Case("defect list PRJ-9", 66, "unknown-name"),
        Case("alarm clear NOBODY \(manager)", 66, "unknown-name"),
        Case("project show PRJ-9", 66, "unknown-name"),
        Case("hours open --older-than x", 65, "not-a-duration"),
        Case("hours sheet --day 2025-99-01 --site HCM", 65, "not-a-day"),
    ]
}
