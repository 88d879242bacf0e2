import CRDT
import SeededRandom
import Wire

/// Random but canonical parts of bodies, from small ranges so that they meet again.
struct Arbitrary {
    var chance: SplitMix64
    private let pool: [ID]

    init(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        pool = [.zero] + (0..<5).map { _ in ID(high: chance.next(), low: chance.next()) }
        self.chance = chance
    }

    mutating func below(_ bound: Int) -> Int { chance.below(bound) }

    mutating func bytes(_ count: Int) -> [UInt8] { chance.bytes(count) }

    /// A number of any magnitude.
    mutating func word() -> UInt64 { chance.next() >> UInt64(below(64)) }

    mutating func signed() -> Int64 { Int64(bitPattern: word()) &* (below(2) == 0 ? 1 : -1) }

    mutating func freshID() -> ID { ID(high: chance.next(), low: chance.next()) }

    mutating func id() -> ID { pool[below(pool.count)] }

    mutating func hash() -> Hash { Hash(bytes(32)) ?? .zero }

    mutating func time() -> HybridTime { HybridTime(raw: word()) }

    mutating func text() -> String {
        let words = ["", "Mars", "é", "e\u{301}", "組立", "🏭", "a\0b"]
        return words[below(words.count)] + words[below(words.count)]
    }

    mutating func scope() -> Scope {
        [.tenant, .site(id()), .subject(id()), .restricted(id())][below(4)]
    }

    mutating func item() -> Value {
        switch below(10) {
        case 0: .null
        case 1: .bool(below(2) == 0)
        case 2: .integer(signed())
        case 3: .decimal(mantissa: signed(), scale: UInt8(below(19)))
        case 4: .text(text())
        case 5: .bytes(bytes(below(6)))
        case 6: .id(id())
        case 7: .link(scope(), id())
        default: .unknown(kind: UInt8(10 + below(246)), bytes: bytes(below(6)))
        }
    }

    mutating func value() -> Value {
        below(6) == 0 ? .list((0..<below(4)).map { _ in item() }) : item()
    }

    mutating func name() -> Name { Name(Stamp(time(), id()), hash: chance.next()) }

    mutating func names(atLeast least: Int = 0) -> [Name] {
        Set((0..<least + below(3)).map { _ in name() }).sorted()
    }

    mutating func seen() -> [Name] { below(2) == 0 ? [] : names(atLeast: 1) }

    /// Edits in their order; those of one field have distinct discriminators.
    mutating func edits(seeing: Bool, atLeast least: Int = 0) -> [FieldEdit] {
        var edits: [FieldEdit] = []
        var field: UInt32 = 0
        for _ in 0..<least + below(4) {
            edits += fieldEdits(field, seeing: seeing)
            field += 1 + UInt32(below(3) == 0 ? below(100_000) : below(4))
        }
        return edits
    }

    private mutating func fieldEdits(_ field: UInt32, seeing: Bool) -> [FieldEdit] {
        switch below(6) {
        case 0:
            let delta = signed() % (Limits.counterDeltaMax + 1)
            return [FieldEdit(field, .increment(delta))]
        case 1:
            let elements = Set((0..<3).map { _ in value() }).sorted {
                $0.encoded.lexicographicallyPrecedes($1.encoded)
            }
            return elements.map { FieldEdit(field, elementAction($0, seeing: seeing)) }
        case 2:
            return ["", "a", "b", "e\u{301}", "é"].filter { _ in below(2) == 0 }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                .map { FieldEdit(field, .put(key: $0, value(), replacing: seeing ? seen() : [])) }
        case 3:
            return [FieldEdit(field, .unknown(verb: UInt8(8 + below(8)), bytes: bytes(below(9))))]
        default:
            return [FieldEdit(field, .write(value(), replacing: seeing ? seen() : []))]
        }
    }

    private mutating func elementAction(_ element: Value, seeing: Bool) -> FieldEdit.Action {
        guard seeing, below(3) > 0 else { return .add(element, replacing: []) }
        return below(2) == 0
            ? .add(element, replacing: names(atLeast: 1))
            : .remove(element, names: names(atLeast: 1))
    }

    mutating func operation() -> Operation {
        let entity = UInt32(truncatingIfNeeded: word()) >> 3
        switch below(6) {
        case 0: return Operation(entity, .new, edits: edits(seeing: false))
        case 1: return Operation(entity, .natural(freshID()), edits: edits(seeing: false))
        case 2:
            return Operation(entity, .event, after: names(), edits: edits(seeing: false))
        case 3:
            let kind = [UInt8(0), 5, 6, 7][below(4)]
            return Operation(entity, .unknown(kind: kind, bytes: bytes(below(9))), edits: [])
        default:
            let edits = edits(seeing: true, atLeast: 1)
            let deleted = [FieldEdit(FieldEdit.deleted, .write(value(), replacing: seen()))]
            return Operation(entity, .existing(freshID()), edits: edits.isEmpty ? deleted : edits)
        }
    }

    mutating func body(time: HybridTime? = nil, authority: UInt64? = nil) -> Body {
        Body(
            time: time ?? self.time(),
            authority: authority ?? word(),
            user: id(),
            login: word(),
            method: Method(rawValue: UInt8(below(256))),
            schema: word(),
            operations: (0..<1 + below(5)).map { _ in operation() }
        )
    }
}

// MARK: - Spoiling

extension Arbitrary {
    /// The body with one of its operations changed to what may no longer be allowed.
    mutating func spoilt(_ body: Body) -> Body {
        var body = body
        let place = below(body.operations.count)
        switch below(8) {
        case 0: body.operations.append(body.operations[place])
        case 1: body.operations[place] = spoilt(body.operations[place])
        default: body.operations[place] = spoiltEdits(body.operations[place])
        }
        return body
    }

    private mutating func spoilt(_ operation: Operation) -> Operation {
        switch below(4) {
        case 0: Operation(operation.entity << 1, operation.target, edits: operation.edits)
        case 1: Operation(operation.entity, operation.target, after: names(), edits: [])
        case 2:
            Operation(
                operation.entity,
                .unknown(kind: UInt8(below(10)), bytes: [0, 0]),
                edits: below(2) == 0 ? [] : operation.edits
            )
        default: Operation(operation.entity, .new, after: operation.after, edits: operation.edits)
        }
    }

    private mutating func spoiltEdits(_ operation: Operation) -> Operation {
        var edits = operation.edits
        let place = below(edits.count + 1)
        if place < edits.count, below(2) == 0 {
            edits.insert(edits[place], at: below(edits.count))
        } else {
            edits.insert(FieldEdit(UInt32(below(4)) << UInt32(below(28)), action()), at: place)
        }
        return Operation(operation.entity, operation.target, after: operation.after, edits: edits)
    }

    private mutating func action() -> FieldEdit.Action {
        let names = below(2) == 0 ? self.names() : Array(self.names(atLeast: 2).reversed())
        switch below(6) {
        case 0: return .write(oddValue(), replacing: names)
        case 1: return .add(oddValue(), replacing: names)
        case 2: return .remove(oddValue(), names: names)
        case 3: return .increment(signed())
        case 4: return .put(key: text(), oddValue(), replacing: names)
        default: return .unknown(verb: UInt8(below(20)), bytes: [0])
        }
    }

    private mutating func oddValue() -> Value {
        switch below(5) {
        case 0: .decimal(mantissa: 1, scale: UInt8(below(30)))
        case 1: .unknown(kind: UInt8(below(14)), bytes: [0, 0])
        case 2: .list([value(), value()])
        default: value()
        }
    }
}
