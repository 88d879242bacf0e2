import CRDT
import Domain
import Wire

/// Nodes that can play: stores, or a reference that may lack a rule.
///
/// What people do at them is the same for both, and stands in the extension.
protocol Player: AnyObject {
    /// What was written and shown so far.
    var stage: Stage { get set }
    /// Deliveries of senders that keep to the rules which were refused, in words.
    var refused: [String] { get }

    /// Whether somebody may work in a place at a node.
    func isOpen(_ place: Place, at node: Int) throws -> Bool
    func isOld(_ node: Int) -> Bool
    func heads(_ cell: Cell, _ place: Place, at node: Int) throws -> Set<Label>
    func tags(_ place: Place, at node: Int) throws -> Set<Label>
    func stream(_ place: Place, at node: Int) throws -> Set<Label>
    /// The rulings that stand on a change, at the hub; nil if it does not hold the change.
    func rulings(on label: Label) throws -> [Label: Ruling]?

    func write(_ parts: [Part], as label: Label, at node: Int) throws -> Authored.Stored
    func attest(_ act: Int) throws -> [Label: HybridTime]
    func meet(_ one: Int, _ other: Int) throws
    func open(from: Int, to: Int) throws
    func step(back: Int, isScrambled: Bool) throws
    func pass(_ milliseconds: UInt64)
    func setClock(_ error: Int64, of node: Int)
    func backUp(_ node: Int) throws
    /// - Returns: Whether there was a backup.
    func restore(_ node: Int, asClone: Bool) throws -> Bool
    func upgrade(_ node: Int) throws
    func join() throws
    /// - Returns: Whether the node has left.
    func leave(_ node: Int) throws -> Bool
    /// Something that changes when a store grows.
    var position: Int { get }
    func shown() throws -> [Int: [Place: Shown]]
}

/// What the people of a play know.
struct Stage {
    struct Form: Hashable {
        let node: Int
        let place: Place
    }

    var forms: [Form: Set<Label>] = [:]
    var authored: [Label: Authored] = [:]
    var clockRulings: [Label: HybridTime] = [:]

    var bad: [Label] { authored.filter(\.value.isBad).keys.sorted() }

    mutating func close(_ node: Int) { forms = forms.filter { $0.key.node != node } }
}

extension Player {
    /// Plays, and says what came of it.
    func outcome(of play: Play) throws -> Outcome {
        for (number, act) in play.acts.enumerated() { try perform(act, number) }
        if play.family == .leaves { try join() }
        return try settled()
    }

    /// Lets everybody meet until nothing moves, and says what came of it.
    func settled() throws -> Outcome {
        for node in 1...3 { try upgrade(node) }
        for _ in 0..<8 {
            let before = position
            for node in [1, 2, 3, 2, 1] { try meet(node, 0) }
            if position == before { break }
        }
        return Outcome(
            authored: stage.authored,
            clockRulings: stage.clockRulings,
            shown: try shown(),
            refused: refused
        )
    }

    /// Somebody does something: the act of a number.
    func perform(_ act: Act, _ number: Int) throws {
        switch act {
        case .meet(let one, let other): try meet(one, other)
        case .open(let from, let to): try open(from: from, to: to)
        case .step(let back, let isScrambled): try step(back: back, isScrambled: isScrambled)
        case .tick(let time): pass(time)
        case .clock(let node, let error): setClock(error, of: node)
        case .backUp(let node): try backUp(node)
        case .restore(let node):
            if try restore(node, asClone: false) { stage.close(node) }
        case .clone(let node):
            if try restore(node, asClone: true) { stage.close(node) }
        case .attest:
            stage.clockRulings.merge(try attest(number)) { min($0, $1) }
        case .upgrade(let node): try upgrade(node)
        case .join: try join()
        case .leave(let node):
            if try leave(node) { stage.close(node) }
        case .rule(let ruling): try rule(ruling, number)
        case .release(let place): try release(place, number)
        default: try work(act, number)
        }
    }

    /// What a person does in one place at one node.
    private func work(_ act: Act, _ number: Int) throws {
        switch act {
        case .write(let node, let place, let cell, let value, let isBad):
            guard try isOpen(place, at: node) else { return }
            let seen = try heads(cell, place, at: node)
            try author([.write(cell, value, seen: seen)], node, place, number, isBad: isBad)
        case .openForm(let node, let place):
            guard try isOpen(place, at: node) else { return }
            let form = Stage.Form(node: node, place: place)
            stage.forms[form] = try heads(.plain, place, at: node)
        case .saveForm(let node, let place, let value):
            let form = Stage.Form(node: node, place: place)
            guard let seen = stage.forms.removeValue(forKey: form) else { return }
            try author([.write(.plain, value, seen: seen)], node, place, number)
        case .both(let node, let place, let value):
            guard try isOpen(place, at: node), !isOld(node) else { return }
            let parts = try [Cell.plain, .newer].map { cell in
                Part.write(cell, value, seen: try heads(cell, place, at: node))
            }
            try author(parts, node, place, number)
        case .add(let node, let place, let isBad):
            guard try isOpen(place, at: node) else { return }
            try author([.add], node, place, number, isBad: isBad)
        case .remove(let node, let place, let isBad):
            guard try isOpen(place, at: node) else { return }
            let names = try tags(place, at: node)
            guard !names.isEmpty else { return }
            try author([.remove(names)], node, place, number, isBad: isBad)
        case .event(let node, let place):
            guard try isOpen(place, at: node) else { return }
            try author([.event(after: try stream(place, at: node))], node, place, number)
        default: break
        }
    }

    private func author(
        _ parts: [Part],
        _ node: Int,
        _ place: Place,
        _ act: Int,
        isBad: Bool = false
    ) throws {
        let label = Label(act: act, place: place)
        // Known before it is written: a hub that withholds judges at once.
        let unknown = Authored.Stored(
            name: Name(Stamp(.zero, .zero), hash: 0),
            replica: .zero,
            sequence: 0
        )
        stage.authored[label] = Authored(node: node, parts: parts, isBad: isBad, stored: unknown)
        let stored = try write(parts, as: label, at: node)
        stage.authored[label] = Authored(node: node, parts: parts, isBad: isBad, stored: stored)
    }

    /// The hub rules on what is bad of all it holds, and has not ruled on yet.
    private func rule(_ ruling: Ruling, _ act: Int) throws {
        for place in Place.allCases {
            let targets = try stage.bad.filter { label in
                try label.place == place && rulings(on: label)?.isEmpty == true
            }
            guard !targets.isEmpty else { continue }
            try author(targets.map { .verdict(of: $0, ruling, seen: []) }, 0, place, act)
        }
    }

    private func release(_ choice: Int, _ act: Int) throws {
        var held: [(label: Label, said: Set<Label>)] = []
        for label in stage.bad {
            guard let rulings = try rulings(on: label) else { continue }
            if rulings.contains(where: { $0.value != .accepted }) {
                held.append((label, Set(rulings.keys)))
            }
        }
        guard !held.isEmpty else { return }
        let (label, said) = held[choice % held.count]
        try author([.verdict(of: label, .accepted, seen: said)], 0, label.place, act)
    }
}
