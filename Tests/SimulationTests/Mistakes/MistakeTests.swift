import CRDT
import Domain
import Simulation
import Testing

/// Each rule of merging is left out once, and the laws that stores keep are seen to break.
///
/// Acts are tried at random with a reference replica that lacks one rule until a law breaks, and
/// made as few as still break it. Stores and the whole reference then play the same acts: they
/// keep every law, and show the same. So a mistake that no law finds fails here, and so does a
/// store that makes it.
@Suite("Mistakes")
struct MistakeTests {
    @Test("a reference that keeps every rule plays as stores do", arguments: Family.allCases)
    func agreement(family: Family) throws {
        for seed in 9_001...9_002 as ClosedRange<UInt64> {
            let stores = try expectAgreement(Play(family, seed: seed))
            #expect(stores.authored.count > 2, "\(family) \(seed): next to nothing was done")
        }
    }

    @Test("a mistake breaks the law that stores keep in the same play", arguments: Mistake.allCases)
    func isFound(mistake: Mistake) throws {
        switch mistake.trial {
        case .reference(let family, let law): try expectFound(mistake, in: family, breaking: law)
        case .sender: try expectRefused()
        case .notBuilt(let reason): #expect(reason.hasPrefix("whole scopes are kept"))
        }
    }

    @Test("only what needs a floor or a snapshot is not built")
    func notBuilt() {
        let open = Mistake.allCases.filter {
            if case .notBuilt = $0.trial { true } else { false }
        }
        #expect(
            open == [
                .floorIgnoresRulings, .snapshotWithoutHeads, .snapshotWithoutBodies,
                .floorUndecided, .floorUnclosed, .snapshotWithoutVerdicts,
            ]
        )
    }

    @Test(
        "W11: a station takes part in a scope while it talks to the hub, whichever frame it is",
        arguments: 2..<11
    )
    func joinsInSession(frame: Int) throws {
        let player = try StorePlayer(Play(.joins, seed: 1))
        try player.perform(.write(0, .partial, .plain, "q", isBad: false), 0)
        try player.perform(.write(3, .shared, .plain, "q", isBad: false), 1)
        try player.meet(3, 0) { now in
            if now == frame { try player.perform(.join, 2) }
            guard now == frame || now == frame + 1 else { return }
            try player.perform(.write(0, .partial, .plain, "p", isBad: false), 3 + now)
        }
        #expect(player.refused == [])
        let outcome = try player.settled()
        let play = Play(.joins, seed: 1)
        #expect(outcome.broken(in: play) == [], "\(outcome.refused)")
        #expect(try player.faults() == [])
    }

    // MARK: - Trials

    /// Looks for a play in which a mistake shows, and plays the least of it with stores.
    private func expectFound(_ mistake: Mistake, in family: Family, breaking law: Law) throws {
        for seed in 1...1_000 as ClosedRange<UInt64> {
            let play = Play(family, seed: seed)
            guard try isBroken(law, play, by: mistake) else { continue }
            let least = try play.shrunk { try isBroken(law, $0, by: mistake) }
            let stores = try expectAgreement(least)
            // Ties are decided as stores have decided them: by replicas and hashes.
            let names = stores.authored.mapValues(\.stored.name)
            let wrong = try Reference(least, without: mistake, names: names).outcome(of: least)
            if wrong.broken(in: least).contains(law) { return }
        }
        Issue.record("\(mistake) lives: no play of 1,000 breaks \(law)")
    }

    private func isBroken(_ law: Law, _ play: Play, by mistake: Mistake) throws -> Bool {
        try Reference(play, without: mistake).outcome(of: play).broken(in: play).contains(law)
    }

    /// Plays with stores and with the reference: both keep every law, and they show the same.
    private func expectAgreement(_ play: Play) throws -> Outcome {
        let player = try StorePlayer(play)
        let stores = try player.outcome(of: play)
        #expect(stores.broken(in: play) == [], "stores: \(play) \(stores.refused)")
        #expect(try player.faults() == [], "\(play)")
        let names = stores.authored.mapValues(\.stored.name)
        let reference = try Reference(play, names: names).outcome(of: play)
        #expect(reference.broken(in: play) == [], "reference: \(play) \(reference.refused)")
        guard play.family.isWhole else { return stores }
        #expect(reference.authored.keys == stores.authored.keys, "\(play)")
        #expect(reference.clockRulings.keys == stores.clockRulings.keys, "\(play)")
        #expect(reference.shown == stores.shown, "\(play)")
        return stores
    }

    private func expectRefused() throws {
        let delivery = try Delivery(turns: 10)
        let whole = try delivery.send { [$0] }
        #expect(whole.faults == [])
        #expect(whole.chunks > 1)
        #expect(try delivery.send(Delivery.cutting(after: 2)).faults != [])
    }
}
