import ArgumentParser
import Domain
import Node
import Storage

struct RetentionCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "How long things are kept, what must not go, and what has gone.",
        subcommands: [
            Plan.self, Run.self, List.self, Policy.self, Hold.self, Release.self, Check.self,
            TakeBack.self, Jobs.self,
        ]
    )
}

extension RetentionCommands {
    struct Plan: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "plan",
            abstract: "Say what the monthly job would do now, and do nothing.",
            discussion: """
                Why a subject stays stands beside it: not_closed, too_young, held, open_approval, \
                open_conflict, undecided, not_received, not_understood. Sites and the tenant are \
                archived and never purged: not_a_subject.

                gemba retention plan --data /var/lib/gemba

                JSON: {"scopes": [{"scope", "subject", "step", "reasons", "kept_until", \
                "archive_from", "changes", "counts"}]}; step: keep, archive, purge.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let plan = try node.retentionPlan()
            var table = Table("SUBJECT", "STEP", "KEPT UNTIL", "WHY")
            for planned in plan {
                let end = planned.decision.keptUntil.map { CalendarDay.text(milliseconds: $0) }
                table.add(
                    planned.subject,
                    planned.decision.step.rawValue,
                    end ?? "for ever",
                    planned.reasons.joined(separator: ", ")
                )
            }
            return Reply("scopes", plan.map(\.json), table, empty: "nothing is held")
        }
    }

    struct Run: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Archive and purge what is due, as the job does on the first of the month.",
            discussion: """
                Each subject is archived, the archive is read back, a certificate is written, and \
                then it goes, here and on every node. Ended anywhere, the next run goes on.

                gemba retention run --data /var/lib/gemba --as nguyen.van.a
                gemba retention run --data /var/lib/gemba --dry-run

                JSON: {"job", "archived": [{"subject", "scope", "file", "hash"}], "purged": \
                [the same], "unsent": ["scope"]}; with --dry-run what `plan` says.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Flag(help: "Say what it would do, and do nothing.")
        var dryRun = false

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            if dryRun {
                let plan = try node.retentionPlan().filter { $0.decision.step != .keep }
                return Reply(
                    ["scopes": .list(plan) { $0.json }],
                    lines: plan.isEmpty
                        ? ["nothing is due"]
                        : plan.map { "would \($0.decision.step.rawValue) \($0.subject)" }
                )
            }
            let actor = try node.actor(as: acting.user, by: caller)
            let run = try node.runRetention(by: actor)
            return Reply(run.json, lines: run.lines)
        }
    }

    struct List: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List policies, holds, what was purged, and what is kept all the same.",
            discussion: """
                A subject that was purged stays where it holds work that lies in no archive: \
                nobody's work is thrown away. A hold on it lets that work reach the hub.

                gemba retention list --data /var/lib/gemba

                JSON: {"policies": [{"subject", "keep", "archive_after"}], "holds": [{"hold", \
                "scope", "records", "reason"}], "purged": [{"scope", "in_force", "changes", \
                "counts", "time", "first", "last", "kept_until", "archive", "root", "by", \
                "reason"}], "kept": [{"scope", "subject", "changes"}], "archives": [{"scope", \
                "file", "hash", "root", "changes", "time"}]}.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let report = try node.retention()
            let lines = report.lines
            return Reply(report.json, lines: lines.isEmpty ? ["nothing is purged or held"] : lines)
        }
    }

    struct Policy: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "policy",
            abstract: "Lengthen how long a class or a table is kept.",
            discussion: """
                A policy lengthens what the class says and never shortens it. Classes: \
                \(RetentionClass.allCases.map(\.rawValue).joined(separator: ", ")).

                gemba retention policy --data DIR --as nguyen.van.a quality --years 10
                gemba retention policy --data DIR --as nguyen.van.a qc_inspection --days 2555

                JSON: {"subject", "years", "days", "archive_after_days"}.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Argument(help: "A class, or the name of a table.")
        var subject: String

        @Option(help: ArgumentHelp("Keep for calendar years.", valueName: "n"))
        var years: Int64?

        @Option(help: ArgumentHelp("Keep for days.", valueName: "n"))
        var days: Int64?

        @Option(help: ArgumentHelp("Copy to an archive after days.", valueName: "n"))
        var archiveDays: Int64?

        @Option(help: ArgumentHelp("What it is for.", valueName: "text"))
        var description: String?

        @Flag(inversion: .prefixedNo, help: "Whether it is in force.")
        var active: Bool?

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let actor = try node.actor(as: acting.user, by: caller)
            try node.setRetention(
                of: subject,
                years: years,
                days: days,
                archiveDays: archiveDays,
                description: description,
                isActive: active,
                by: actor
            )
            return Reply(
                [
                    "subject": .text(subject), "years": .integer(orNull: years),
                    "days": .integer(orNull: days),
                    "archive_after_days": .integer(orNull: archiveDays),
                ],
                "the policy for \(subject) is set"
            )
        }
    }
}

extension RetentionCommands {
    struct Hold: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "hold",
            abstract: "Keep a project, a record or everything from being purged.",
            discussion: """
                A record keeps the whole subject that it lies in, so that its links stay. A hold \
                on what was purged takes the force from its certificate.

                gemba retention hold --data DIR --as nguyen.van.a PRJ-000123 --reason "lawsuit"
                gemba retention hold --data DIR --as nguyen.van.a --all --reason "audit of 2026"

                JSON: {"hold", "reason"}.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Argument(help: "A project, or the id of a record or subject.")
        var what: String?

        @Flag(help: "Everything.")
        var all = false

        @Option(help: ArgumentHelp("Why: everybody reads it.", valueName: "text"))
        var reason: String

        func validate() throws {
            guard (what == nil) == all else {
                throw ValidationError("say what is held, or --all")
            }
        }

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let actor = try node.actor(as: acting.user, by: caller)
            let id = try node.hold(what, reason: reason, by: actor)
            return Reply(
                ["hold": .text("\(id)"), "reason": .text(reason)],
                "held: gemba retention release \("\(id)".prefix(12))"
            )
        }
    }

    struct Release: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "release",
            abstract: "End a hold.",
            discussion: """
                gemba retention release --data DIR --as nguyen.van.a 019a3f0c --reason "settled"

                JSON: {"released", "reason"}.
                """
        )

        @OptionGroup var store: StoreOptions
        @OptionGroup var acting: ActingOptions

        @Argument(help: "The first digits of the hold's id: see `gemba retention list`.")
        var hold: String

        @Option(help: ArgumentHelp("Why: everybody reads it.", valueName: "text"))
        var reason: String

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let actor = try node.actor(as: acting.user, by: caller)
            let id = try node.release(hold: hold, reason: reason, by: actor)
            return Reply(
                ["released": .text("\(id)"), "reason": .text(reason)],
                "the hold is ended"
            )
        }
    }

    struct Jobs: NodeCommand {
        static let configuration = CommandConfiguration(
            commandName: "jobs",
            abstract: "List what this node did by itself: retention, backups, trials, checks.",
            discussion: """
                gemba retention jobs --data /var/lib/gemba

                JSON: {"jobs": [{"job", "kind", "status", "started", "finished", "seconds", \
                "bytes", "file", "message"}]}; status: RUNNING, COMPLETED, FAILED.
                """
        )

        @OptionGroup var store: StoreOptions

        func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
            let jobs = try node.store.jobs()
            var table = Table("STARTED", "KIND", "STATUS", "WHAT")
            for job in jobs {
                let started = CalendarDay.time(milliseconds: job.started)
                table.add(started, job.kind.rawValue, job.status.rawValue, job.message)
            }
            return Reply("jobs", jobs.map(\.json), table, empty: "no job has run")
        }
    }
}

extension JobRecord {
    fileprivate var json: JSON {
        [
            "job": .number(number), "kind": .text(kind.rawValue),
            "status": .text(status.rawValue), "started": .number(started),
            "finished": finished.map { .number($0) } ?? .null,
            "seconds": durationSeconds.map { .number($0) } ?? .null,
            "bytes": bytes.map { .number($0) } ?? .null, "file": .text(place),
            "message": .text(message),
        ]
    }
}
