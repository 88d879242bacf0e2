import ArgumentParser
import CRDT
import Domain
import Node
import Storage
import Wire

struct Status: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say who this node is, what it holds, whom it met and what it refused.",
        discussion: """
            What a relay withholds cannot be seen from here: look when each peer was last met.

            gemba status --data /var/lib/gemba --json
            """
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let names = try node.read { try Nicknames($0) }
        let status = try node.store.status()
        let peers = try node.store.peers()
        let refusals = try node.store.refusals()
        let alarms = try node.alarms()
        let handovers = try node.handovers(openOnly: true)
        let numbers = try node.numbers()
        let newer = try node.newerVersion()
        return Reply(
            try json(node, names, status)
                .with("numbers", .list(numbers, \.json))
                .with("peers", .list(peers) { $0.json(names, node) })
                .with("refusals", .list(refusals) { json($0, names) })
                .with("alarms", .list(alarms) { $0.json(names) })
                .with("handovers", .list(handovers, \.json))
                .with("update", newer?.json ?? .null),
            lines: try [newer?.text].compactMap(\.self)
                + lines(node, names, status) + lines(peers, names, node)
                + lines(refusals, names)
                + alarms.map { words($0, names) }
                + handovers.flatMap { ["HANDOVER NOT SEEN YET:"] + $0.lines }
                + numbers.filter(\.isLow).map(\.text)
        )
    }

    private func json(_ node: LocalNode, _ names: Nicknames, _ status: StoreStatus) throws -> JSON {
        let certificate = node.store.certificate
        return [
            "tenant": .text("\(node.store.tenant)"),
            "name": .text(
                orNull: try node.read { try $0.tenantRecord()?.fields.text(Tenant.name) }
            ),
            "device": [
                "id": .text("\(certificate.device)"), "kind": .text("\(certificate.kind)"),
                "name": .text(names.device(certificate.device)),
                "site": .text(names.site(certificate.site)),
                "certificate_ends": .number(certificate.notAfter),
                "certificate_due": .number(certificate.renewalDue),
                "certificate": .text(node.certificateStanding.state.rawValue),
            ],
            "replica": [
                "id": .text("\(node.store.replica)"), "number": .number(node.store.incarnation),
                "reopened": .text(orNull: node.store.reopened.map { "\($0)" }),
                "last_stamp": .number(node.store.lastIssued.milliseconds),
            ],
            "authority": .number(node.store.authority.number),
            "schema": .number(node.store.schema.version),
            "hub": .text(orNull: try node.hubAddress()),
            "scopes": .number(status.scopes), "changes": .number(status.changes),
            "records": .number(status.records), "events": .number(status.events),
            "conflicts": .number(status.conflicts), "set_aside": .number(status.setAside),
            "ruled_out": .number(status.excluded),
            "not_at_hub": node.isHub ? .null : .number(try node.store.unreceipted()),
            "only_here": .number(try node.unshared()),
            "file_bytes": .number(status.fileBytes),
        ]
    }

    private func words(_ alarm: Alarm, _ names: Nicknames) -> String {
        "ALARM: hub \(names.device(alarm.hub)) \(alarm.text), "
            + CalendarDay.time(milliseconds: alarm.time)
    }

    private func json(_ refusal: RefusalCount, _ names: Nicknames) -> JSON {
        [
            "device": .text("\(refusal.device)"), "name": .text(names.device(refusal.device)),
            "code": .text(RefusalCode.name(refusal.code)), "count": .number(refusal.count),
            "last": .number(refusal.last),
        ]
    }
}

// MARK: - Lines

extension Status {
    private func lines(
        _ node: LocalNode,
        _ names: Nicknames,
        _ status: StoreStatus
    ) throws -> [String] {
        let certificate = node.store.certificate
        let tenant = try node.read { try $0.tenantRecord()?.fields.text(Tenant.name) }
        let place = certificate.site == .zero ? "" : " of site \(names.site(certificate.site))"
        return [
            "\(certificate.kind) \(names.device(certificate.device))\(place), "
                + "tenant \(tenant ?? "not met yet")",
            words(node.certificateStanding),
            "replica \(Nicknames.short(node.store.replica)), number \(node.store.incarnation)"
                + (node.store.reopened.map { ", opened because the disk was \($0)" } ?? ""),
            "\(status.changes) changes in \(status.scopes) scopes: \(status.records) records, "
                + "\(status.events) events; \(status.fileBytes >> 10) KiB",
            "\(status.conflicts) conflicts, \(status.setAside) operations kept and not counted",
        ] + (try standing(node, status)) + [
            node.store.lastIssued == .zero
                ? "nothing written here yet"
                : "last stamp "
                    + CalendarDay.time(milliseconds: node.store.lastIssued.milliseconds) + " UTC"
        ]
    }

    /// Whether own work is at the hub, and what the hub set aside.
    private func standing(_ node: LocalNode, _ status: StoreStatus) throws -> [String] {
        var lines: [String] = []
        if !node.isHub {
            let waiting = try node.store.unreceipted()
            lines.append(
                waiting == 0
                    ? "all changes of this device are at the hub, by its receipts"
                    : "\(waiting) changes of this device are saved here; no receipt of the hub yet"
            )
        }
        let alone = try node.unshared()
        if alone > 0 { lines.append("\(alone) changes of this device are on no other node yet") }
        if status.excluded > 0 {
            lines.append("\(status.excluded) changes do not count, says the hub: gemba aside")
        }
        return lines
    }

    private func words(_ standing: CertificateStanding) -> String {
        let end = CalendarDay.text(milliseconds: standing.certificate.notAfter)
        return switch standing.state {
        case .valid: "certificate to \(end)"
        case .due: "certificate to \(end); the next meeting with the hub renews it"
        case .grace: "certificate ended \(end): peers of the site still meet it; meet the hub"
        case .ended: "certificate ended \(end): only the hub meets this device; meet it"
        case .barred: "this device is revoked or suspended"
        }
    }

    private func lines(
        _ peers: [PeerNote],
        _ names: Nicknames,
        _ node: LocalNode
    ) -> [String] {
        peers.map { peer in
            let standing = node.certificateStanding(of: peer.device)
            let flag =
                switch standing?.state {
                case .grace: "; its certificate has ended, in grace"
                case .ended: "; its certificate has ended"
                case .barred: "; revoked or suspended"
                case .valid, .due, nil: ""
                }
            let equal =
                peer.lastEqual == 0
                ? "never equal" : "equal \(CalendarDay.time(milliseconds: peer.lastEqual))"
            return "peer \(names.device(peer.device)) at \(peer.address): \(equal)\(flag)"
        }
    }

    private func lines(_ refusals: [RefusalCount], _ names: Nicknames) -> [String] {
        refusals.map { refusal in
            let who = refusal.device == .zero ? "strangers" : names.device(refusal.device)
            return "refused \(refusal.count) of \(who): \(RefusalCode.name(refusal.code))"
        }
    }
}
