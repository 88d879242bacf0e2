import CRDT
import Domain
import SeededRandom
import Simulation

/// One of the two scopes of a play.
enum Place: Int, CaseIterable, Hashable, Comparable {
    /// Held by the hub and the three stations.
    case shared
    /// Held by the hub and two stations, and by the third once it joins.
    case partial

    var scope: Scope { self == .shared ? .subject(World.subjectQ) : .subject(World.subjectP) }

    static func < (left: Place, right: Place) -> Bool { left.rawValue < right.rawValue }
}

/// A register of the one record that each place has.
enum Cell: UInt32, CaseIterable, Hashable {
    case plain = 1
    case cautious = 2
    /// Known to newer versions only.
    case newer = 6
}

/// A change of a play: by which act it was written, and where.
///
/// Creations have act -1.
struct Label: Hashable, Comparable {
    let act: Int
    let place: Place

    static func < (left: Label, right: Label) -> Bool {
        (left.act, left.place) < (right.act, right.place)
    }
}

/// Something that happens in a play, at a node: 0 is the hub, 1 to 3 are stations.
enum Act: Hashable {
    /// A bad one is what the hub refuses once it rules.
    case write(Int, Place, Cell, String, isBad: Bool)
    case openForm(Int, Place)
    case saveForm(Int, Place, String)
    /// Two registers in one change, one of which older versions do not know.
    case both(Int, Place, String)
    case add(Int, Place, isBad: Bool)
    case remove(Int, Place, isBad: Bool)
    case event(Int, Place)
    /// A whole session.
    case meet(Int, Int)
    /// A session of one direction that may be stopped, and go on while others happen.
    case open(from: Int, to: Int)
    /// The session goes on with the last one opened, or one before; a scrambled sender does not
    /// keep to its order of arrival.
    case step(back: Int, isScrambled: Bool)
    case tick(UInt64)
    case clock(Int, Int64)
    case backUp(Int)
    case restore(Int)
    /// The whole disk is put back, keys and mark and all: a fork.
    case clone(Int)
    case rule(Ruling)
    /// The hub accepts one of what it had ruled out.
    case release(Int)
    case attest
    case upgrade(Int)
    /// Station 3 takes part in the partial place.
    case join
    case leave(Int)
}

/// What a play is about: which acts there are.
enum Family: CaseIterable, Hashable {
    case registers, clocks, forks, relays, verdicts, versions, hubs, restores, joins, forms, leaves

    /// Whether stores can do all that happens in it: they never leave a scope.
    var isWhole: Bool { self != .leaves }
}

/// Random acts of a family.
struct Play: Hashable {
    let family: Family
    let seed: UInt64
    var acts: [Act]

    init(_ family: Family, seed: UInt64) {
        self.family = family
        self.seed = seed
        var random = SplitMix64(seed: seed &* 977 &+ UInt64(family.length))
        acts = family.prologue + (0..<family.length).map { _ in family.act(&random) }
    }

    /// Whether something happens that lets work be lost, or numbers be used twice.
    var isRestored: Bool {
        acts.contains { if case .restore = $0 { true } else { isClone($0) } }
    }

    var isForked: Bool { acts.contains(where: isClone) }

    private func isClone(_ act: Act) -> Bool { if case .clone = act { true } else { false } }

    /// The same play with as few acts as still do what is asked.
    func shrunk(_ stillDoes: (Play) throws -> Bool) rethrows -> Play {
        var least = self
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for index in least.acts.indices.reversed() {
                var smaller = least
                smaller.acts.remove(at: index)
                guard try stillDoes(smaller) else { continue }
                least = smaller
                isSmaller = true
            }
        }
        return least
    }
}

extension Family {
    fileprivate var length: Int {
        switch self {
        case .registers, .forms: 14
        case .joins: 16
        default: 20
        }
    }

    private enum Kind {
        case write, careful, form, save, both, add, remove, event, meet, open, step, scramble, tick
        case backUp, restore, clone, rule, release, attest, upgrade, join, leave
    }

    /// What goes before, where it would seldom come about by chance.
    fileprivate var prologue: [Act] {
        switch self {
        case .clocks: [.clock(1, 7_200_000), .clock(2, -3_000_000)]
        case .forks: [.backUp(1)]
        case .hubs:
            [.write(1, .shared, .plain, "q", isBad: true), .meet(1, 0), .backUp(0)]
        case .leaves:
            [.write(1, .partial, .plain, "q", isBad: false), .meet(1, 0), .leave(1), .join]
        default: []
        }
    }

    private var kinds: [Kind] {
        switch self {
        case .registers: [.write, .write, .careful, .careful, .event, .add, .remove, .meet, .meet]
        case .clocks: [.write, .write, .event, .meet, .meet, .tick, .tick, .attest, .attest]
        case .forks: [.write, .write, .write, .event, .clone, .meet, .meet]
        case .relays: [.write, .write, .event, .open, .step, .step, .scramble, .meet]
        case .verdicts: [.write, .write, .add, .remove, .rule, .release, .meet, .meet, .tick]
        case .versions: [.write, .both, .both, .careful, .upgrade, .meet, .meet, .meet, .tick]
        case .hubs: [.write, .backUp, .restore, .rule, .rule, .rule, .meet, .meet]
        case .restores: [.write, .write, .event, .backUp, .restore, .meet, .meet, .open, .step]
        case .joins: [.write, .write, .open, .open, .step, .step, .step, .join, .meet]
        case .forms: [.write, .form, .form, .save, .save, .meet, .meet]
        case .leaves: [.write, .write, .leave, .join, .meet, .meet, .meet]
        }
    }

    fileprivate func act(_ random: inout SplitMix64) -> Act {
        let node = self == .forks ? [0, 1, 1, 2][random.below(4)] : random.below(4)
        let isPartial = [.relays, .joins, .leaves].contains(self) ? 60 : 15
        let place: Place = random.happens(isPartial) ? .partial : .shared
        let isBad = self == .verdicts || self == .hubs ? random.happens(45) : false
        let word = random.happens(50) ? "p" : "q"
        switch kinds[random.below(kinds.count)] {
        case .write: return .write(node, place, .plain, word, isBad: isBad)
        case .careful:
            return .write(node, place, .cautious, word == "p" ? "PASS" : "FAIL", isBad: isBad)
        case .form: return .openForm(node, place)
        case .save: return .saveForm(node, place, word)
        case .both: return .both(node, place, word)
        case .add: return .add(node, place, isBad: isBad)
        case .remove: return .remove(node, place, isBad: isBad)
        case .event: return .event(node, place)
        case .meet: return .meet(node, (node + 1 + random.below(3)) % 4)
        case .open: return .open(from: node, to: (node + 1 + random.below(3)) % 4)
        case .step: return .step(back: random.below(3), isScrambled: false)
        case .scramble: return .step(back: random.below(2), isScrambled: true)
        case .tick: return .tick([1_000, 60_000, 3_600_000][random.below(3)])
        case .backUp: return .backUp(self == .hubs ? 0 : 1 + node % 3)
        case .restore: return .restore(self == .hubs ? 0 : 1 + node % 3)
        case .clone: return .clone(1)
        case .rule: return .rule(Ruling.allCases[random.below(3)])
        case .release: return .release(random.below(3))
        case .attest: return .attest
        case .upgrade: return .upgrade(1 + node % 3)
        case .join: return .join
        case .leave: return .leave(1 + node % 3)
        }
    }
}
