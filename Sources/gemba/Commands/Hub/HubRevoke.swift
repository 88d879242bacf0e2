import ArgumentParser
import CRDT
import Domain
import Hub
import Node
import Storage

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
