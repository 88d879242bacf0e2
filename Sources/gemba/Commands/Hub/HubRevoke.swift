import ArgumentParser
import CRDT
import Domain
import Hub
import Node
import Storage
import Wire

/// Finds the device that a person means.
private func device(named name: String, on node: LocalNode) throws -> (id: ID, name: String) {
    try node.read { view in
        let record = try view.device(named: name)
        let id = record.fields.id(Device.device) ?? record.id
        return (id, record.fields.text(Device.name) ?? Nicknames.short(id))
    }
}

struct HubRevoke: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a device's part in the tenant, for good.",
        discussion: """
            It is sent nothing more. Of its work counts what this hub holds now; what comes later \
            is kept, listed by `gemba aside`, and counts once `hub verdict` releases it.

            gemba hub revoke --data DIR TEC-7 --reason stolen

            JSON: {"device", "revoked", "set_aside"}; set_aside is the number of changes.
            """
    )

    /// Why, as a person says it.
    enum Reason: String, ExpressibleByArgument, CaseIterable {
        case lost, stolen, retired, exposed

        var stated: RevocationReason {
            switch self {
            case .lost: .lost
            case .stolen: .stolen
            case .retired: .retired
            case .exposed: .exposed
            }
        }
    }

    @OptionGroup var store: StoreOptions

    @Argument(help: "The device's name or id.")
    var device: String

    @Option(help: "Why: lost, stolen, retired or exposed (its keys are known to others).")
    var reason: Reason?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let found = try gemba.device(named: device, on: node)
        try Enrolment(node) { _ in }.revoke(found.id, reason: reason?.stated ?? .unsaid)
        let count = try node.setAside().count
        return Reply(
            [
                "device": .text("\(found.id)"), "revoked": .bool(true),
                "set_aside": .number(count),
            ],
            "\(found.name) is revoked; \(count) changes are set aside"
        )
    }
}

struct HubAppoint: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "appoint",
        abstract: "Make a station an issuer of its site for 30 days.",
        discussion: """
            From its next sync on the station invites and takes stations and technicians of its \
            own site with no hub near: `gemba hub invite` on it, while it runs with --listen. The \
            first hub that meets such a device gives it a certificate of its own.

            gemba hub appoint --data DIR ST-1 --certificates 10

            JSON: {"device", "certificates", "ends"}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "The station's name or id.")
    var device: String

    @Option(help: "How many certificates it may give, 1 to 65535.")
    var certificates: UInt16 = 10

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let found = try gemba.device(named: device, on: node)
        let issued = try Enrolment(node) { _ in }.appoint(found.id, count: certificates)
        let end = CalendarDay.text(milliseconds: issued.notAfter)
        return Reply(
            [
                "device": .text("\(found.id)"), "certificates": .number(certificates),
                "ends": .number(issued.notAfter),
            ],
            "\(found.name) may give \(certificates) certificates, to \(end)"
        )
    }
}

struct HubSuspend: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Keep a device out of sessions; what it wrote counts on.",
        discussion: """
            gemba hub suspend --data DIR ST-2

            JSON: {"device", "suspended"}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "The device's name or id.")
    var device: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        try suspend(device, isOn: true, on: node)
    }
}

struct HubResume: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let a suspended device in again.",
        discussion: """
            gemba hub resume --data DIR ST-2

            JSON: {"device", "suspended"}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "The device's name or id.")
    var device: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        try suspend(device, isOn: false, on: node)
    }
}

private func suspend(_ name: String, isOn: Bool, on node: LocalNode) throws -> Reply {
    let found = try device(named: name, on: node)
    try Enrolment(node) { _ in }.suspend(found.id, isOn: isOn)
    return Reply(
        ["device": .text("\(found.id)"), "suspended": .bool(isOn)],
        "\(found.name) is \(isOn ? "suspended" : "let in again")"
    )
}
