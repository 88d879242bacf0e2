import CRDT
import Domain
import Simulation
import Testing

/// Each rule of merging is left out once, and the laws that stores keep are seen to break.
@Suite("Mistakes")
struct MistakeTests {
    @Test("a reference that keeps every rule plays as stores do", arguments: Family.allCases)
    func agreement(family: Family) throws {
        for seed in 9_001...9_003 as ClosedRange<UInt64> {
            let play = Play(family, seed: seed)
            _ = try expectAgreement(play)
        }
    }

    @Test("a mistake breaks the law that stores keep in the same play", arguments: Mistake.allCases)
    func isFound(mistake: Mistake) throws {
        switch mistake.trial {
        case .reference(let family, let law): try expectFound(mistake, in: family, breaking: law)
        case .sender: break
        case .notBuilt: break
        }
    }

    /// Looks for a play in which a mistake shows, and plays the least of it with stores.
    private func expectFound(_ mistake: Mistake, in family: Family, breaking law: Law) throws {
        for seed in 1...400 as ClosedRange<UInt64> {
            let play = Play(family, seed: seed)
            guard try isBroken(law, play, by: mistake) else { continue }
            let least = try play.shrunk { try isBroken(law, $0, by: mistake) }
            let stores = try expectAgreement(least)
            let names = stores.authored.mapValues(\.stored.name)
            let wrong = try Reference(least, without: mistake, names: names).outcome(of: least)
            guard wrong.broken(in: least).contains(law) else { continue }
            print("MIST \(mistake) seed \(seed) \(least.acts.count) acts: \(least.acts)")
            return
        }
        Issue.record("\(mistake): lives through 400 plays")
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
        if play.family.isWhole {
            #expect(reference.authored.keys == stores.authored.keys, "\(play)")
            for (node, places) in stores.shown {
                for (place, shown) in places {
                    #expect(reference.shown[node]?[place] == shown, "\(node) \(place) \(play)")
                }
            }
        }
        return stores
    }
}
