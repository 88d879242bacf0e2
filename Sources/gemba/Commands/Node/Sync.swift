import ArgumentParser
import CRDT
import Domain
import Foundation
import Hub
import Node
import Storage
import Sync
import Synchronization
import Wire

struct SyncCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Meet peers once, until both sides hold the same.",
        discussion: """
            Without --peer it meets the hub that the join token named. Exit status 69 if none of \
            the peers could be reached. A hub then looks at what came: it sets aside what its \
            authors had no right to, confirms stages and gives numbers.

            gemba sync --data /var/lib/gemba
            gemba sync --data /var/lib/gemba --peer 192.168.1.20:7400
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(
        name: .customLong("peer"),
        help: ArgumentHelp("Where a peer listens; may be repeated.", valueName: "host:port")
    )
    var peers: [String] = []

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        signal(SIGPIPE, SIG_IGN)
        let addresses = try peers.isEmpty ? [node.hubAddress()].compactMap(\.self) : peers
        guard !addresses.isEmpty else {
            throw CommandFault(.usage, "this node knows no hub: --peer HOST:PORT")
        }
        var meetings: [Meeting] = []
        let before = node.store.position
        for address in addresses {
            caller.progress("meeting \(address)")
            let meeting = try waitFor { try await Meeting.with(address, of: node) }
            meetings.append(meeting)
        }
        let fault =
            meetings.contains { $0.isEqual }
            ? nil : CommandFault(.unavailable, meetings.last?.text ?? "no peer was met")
        // A hub that runs does this by itself; here nobody else will.
        let duties = node.isHub ? try node.performDuties(after: before) : nil
        return Reply(
            ["peers": .list(meetings.map(\.json)), "duties": duties?.json ?? .null],
            lines: meetings.map(\.line) + meetings.compactMap(\.advice)
                + [duties].compactMap { $0?.line },
            fault: fault
        )
    }
}

/// What came of meeting one peer.
private struct Meeting: Sendable {
    let address: String
    let device: ID?
    let isEqual: Bool
    let text: String
    let sent: Int
    let received: Int
    let refused: Int
    /// The version of records that the peer knows; 0 if it said nothing.
    let schema: UInt64
    let own: UInt64

    /// What whoever runs the node is told if its program is the older one.
    var advice: String? {
        guard schema > own else { return nil }
        return "\(address) knows records of version \(schema), this node of \(own): update it; "
            + "until then it works on in its version"
    }

    static func with(_ address: String, of node: LocalNode) async throws -> Meeting {
        let count = Count()
        let isHub = node.store.keys.operator != nil
        let enrolment = isHub ? try Enrolment(node) { _ in } : nil
        let replication = try Replication(
            of: node,
            software: Software.name,
            welcome: { peer in await enrolment?.welcome(peer) },
            report: { count.take($0) }
        )
        do {
            let channel = try await replication.connect(to: address)
            let ending = await replication.converse(over: channel, endsWhenEqual: true)
            await channel.close()
            let own = UInt64(node.store.schema.version)
            let meeting = count.meeting(address, channel.peer.device, ending, own: own)
            if meeting.isEqual, meeting.sent > 0, channel.peer.kind == .hub, !node.isHub {
                await fetchReceipt(from: address, replication)
            }
            if meeting.isEqual, channel.peer.kind == .hub, !node.isHub {
                // Without it the PINs that were handed over last go on for some days.
                _ = try? await replication.fetchCredentials(from: address)
            }
            return meeting
        } catch {
            return Meeting(
                address: address,
                device: nil,
                isEqual: false,
                text: "\(CommandFault(error).message)",
                sent: 0,
                received: 0,
                refused: 0,
                schema: 0,
                own: 0
            )
        }
    }

    /// The hub gives its receipt at the end of a session: a short one more brings it.
    private static func fetchReceipt(from address: String, _ replication: Replication) async {
        // Without it the work is at the hub all the same; the next session brings it.
        guard let channel = try? await replication.connect(to: address) else { return }
        _ = await replication.converse(over: channel, endsWhenEqual: true)
        await channel.close()
    }

    var json: JSON {
        [
            "address": .text(address), "device": .text(orNull: device.map { "\($0)" }),
            "equal": .bool(isEqual), "text": .text(text),
            "sent": .number(sent), "received": .number(received), "refused": .number(refused),
            "older_than_peer": .bool(advice != nil),
        ]
    }

    var line: String {
        guard isEqual else { return text.hasPrefix(address) ? text : "\(address): \(text)" }
        return "\(address): in step; \(sent) chunks sent, \(received) received"
    }

    /// What was moved, counted while it moves.
    private final class Count: Sendable {
        private struct State {
            var isEqual = false
            var sent = 0
            var received = 0
            var refused = 0
            var schema: UInt64 = 0
            var lost: String?
        }

        private let state = Mutex(State())

        func take(_ event: Replication.Event) {
            guard case .report(_, let report) = event else { return }
            state.withLock { state in
                switch report {
                case .equal: state.isEqual = true
                case .sentChunk: state.sent += 1
                case .receivedChunk: state.received += 1
                case .refusedHere, .refusedByPeer: state.refused += 1
                case .lost(let text): state.lost = text
                case .greeted(_, let schema): state.schema = schema
                case .introduced, .rolledBack, .held: break
                }
            }
        }

        func meeting(
            _ address: String,
            _ device: ID,
            _ ending: StoreSession.Ending?,
            own: UInt64
        ) -> Meeting {
            let state = state.withLock { $0 }
            let isEqual = state.isEqual && (ending.map { $0.code == .done } ?? true)
            let said = ending.map {
                $0.text.isEmpty ? "ended with code \($0.code.rawValue)" : $0.text
            }
            return Meeting(
                address: address,
                device: device,
                isEqual: isEqual,
                text: isEqual ? "in step" : said ?? state.lost ?? "the peer vanished",
                sent: state.sent,
                received: state.received,
                refused: state.refused,
                schema: state.schema,
                own: own
            )
        }
    }
}

extension Duties {
    fileprivate var json: JSON {
        [
            "set_aside": .number(quarantined), "confirmed": .number(confirmed),
            "numbered": .number(numbered), "leases": .number(leases),
            "requests": .number(received), "opened": .number(opened),
        ]
    }

    /// What a hub did by itself; nil if there was nothing to do.
    fileprivate var line: String? {
        guard !isEmpty else { return nil }
        return "\(quarantined) changes set aside, \(confirmed) stages confirmed, "
            + "\(numbered) projects numbered"
    }
}
