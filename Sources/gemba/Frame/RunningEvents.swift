import CRDT
import Foundation
import Hub
import Node
import Storage
import Sync
import Synchronization
import Transports
import Wire

/// What the running node says about itself: the ready line on standard output, the rest on
/// standard error, and refusals counted.
final class RunningEvents: Sendable {
    private let node: LocalNode
    private let console: Console
    /// Addresses that did not answer last time: said once, until they answer.
    private let silent = Mutex<Set<String>>([])

    /// Hubs that were seen below their receipts: said once.
    private let rolledBack = Mutex<Set<ID>>([])

    init(_ node: LocalNode, _ console: Console) {
        self.node = node
        self.console = console
    }

    /// Says that everything is open; `address` is where peers reach this node.
    func ready(_ address: String?) {
        let certificate = node.store.certificate
        let place = address.map { "listening on \($0)" } ?? "not listening"
        let reply = Reply(
            [
                "event": "ready", "kind": .text("\(certificate.kind)"),
                "device": .text("\(certificate.device)"), "address": .text(orNull: address),
                "process": .number(getpid()),
            ],
            "ready: \(certificate.kind) \(Nicknames.short(certificate.device)), \(place)"
        )
        _ = console.show(reply)
        if let reason = node.store.reopened {
            say("the disk was \(reason): this device goes on as replica \(node.store.replica)")
        }
    }

    func take(_ event: Replication.Event) {
        switch event {
        case .opened(let peer, let address):
            silent.withLock { _ = $0.remove(address) }
            say("\(address): \(Nicknames.short(peer)) is here")
        case .ended(let peer, let ending):
            guard let ending else { return say("\(Nicknames.short(peer)) has gone") }
            if let code = RefusalCode.code(of: ending.code) {
                node.countRefusal(from: peer, code: code)
            }
            let text = ending.text.isEmpty ? "code \(ending.code.rawValue)" : ending.text
            say("\(Nicknames.short(peer)) has gone: \(text)")
        case .report(let peer, .refusedHere(let refused)):
            say("refused a run of \(Nicknames.short(peer)): \(RefusalCode.name(refused.code))")
        case .report(let peer, .rolledBack):
            guard rolledBack.withLock({ $0.insert(peer).inserted }) else { return }
            let hub = Nicknames.short(peer)
            say("ALARM: hub \(hub) holds less than its receipts say; sending again")
        case .report:
            break
        }
    }

    func take(_ event: Enrolment.Event) {
        switch event {
        case .joined(let label, let words): say("\(label) has joined; the words are \(words)")
        case .renewed(let device): say("renewed the certificate of \(Nicknames.short(device))")
        case .alarm(let text): say("ALARM: \(text)")
        case .failed(let text): say("a certificate could not be given: \(text)")
        }
    }

    /// Counts a connection that came to nothing.
    func refused(_ address: String, _ fault: ChannelFault) {
        guard fault.code != .closed else { return }
        node.countRefusal(from: .zero, code: RefusalCode.code(of: fault.code))
        say("\(address): refused: \(fault)")
    }

    func unreachable(_ address: String, _ error: any Error) {
        guard silent.withLock({ $0.insert(address).inserted }) else { return }
        say("\(address): \(CommandFault(error).message); trying again")
    }

    private func say(_ text: String) {
        console.note(text)
    }
}
