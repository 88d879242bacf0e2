import Bytes
import CRDT
import Domain
import Simulation
import Wire

// Hubs that are revoked themselves, and statements that say nothing.

extension RulingVectors {
    static func hubs(_ cast: VectorCast, _ start: RulingHistory) throws -> [Vector] {
        try revokedHubs(start) + settled(start) + serials(cast, start)
    }

    private static func revokedHubs(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("a revoked hub is limited by cut-offs only", start) { history in
                let made = try history.work(secondHub, "a", "b")
                let other = try history.work(thirdHub, "c", "d")
                try history.write(hub, .receipt(history.point(made[0])))
                _ = try history.revoke(secondHub)
                let revocation = try history.revoke(thirdHub)
                try history.write(hub, .cutOff(revocation, history.point(other[0])))
            },
            try vector("statements of a cut-off hub are out of force", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let kept = try history.write(secondHub, history.verdict(.rejected, on: made[0]))
                try history.write(secondHub, history.verdict(.rejected, on: made[1]))
                try history.write(secondHub, .clock(1, history.point(made[2]), at: 0))
                try history.write(secondHub, .receipt(history.point(made[2])))
                let first = try history.revoke(station)
                try history.write(secondHub, .cutOff(first, history.point(made[2])))
                let second = try history.revoke(secondHub)
                try history.write(hub, .cutOff(second, history.point(kept)))
                try history.write(hub, .receipt(history.point(made[1])))
            },
            try vector("a hub revoked later had cut off who was revoked before", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let first = try history.revoke(station)
                let kept = try history.write(
                    secondHub,
                    .cutOff(first, history.point(made[0]))
                )
                try history.write(secondHub, .cutOff(first, history.point(made[2])))
                let second = try history.revoke(secondHub)
                try history.write(hub, .cutOff(second, history.point(kept)))
            },
            try vector("a hub revoked before cuts nobody off", start) { history in
                let made = try history.work(station, "a", "b", "c")
                _ = try history.revoke(secondHub)
                let second = try history.revoke(station)
                try history.write(secondHub, .cutOff(second, history.point(made[2])))
                try history.write(secondHub, .receipt(history.point(made[1])))
                try history.write(hub, .receipt(history.point(made[0])))
            },
        ]
    }

    private static func settled(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("two hubs revoke each other: the first revocation settles it", start) {
                history in
                let made = try history.work(hub, "a", "b")
                let other = try history.work(secondHub, "c", "d")
                let first = try history.revoke(secondHub)
                let second = try history.revoke(hub)
                try history.write(hub, .cutOff(first, history.point(other[0])))
                try history.write(secondHub, .cutOff(second, history.point(made[0])))
            },
            try vector("a hub says nothing about its own revocation", start) { history in
                let made = try history.work(secondHub, "a", "b")
                let revocation = try history.revoke(secondHub)
                try history.write(secondHub, .cutOff(revocation, history.point(made[0])))
                _ = try history.work(neighbour, "beside")
            },
            try vector("a hub revoked twice speaks as far as both cut-offs keep it", start) {
                history in
                let made = try history.work(station, "a", "b", "c", "d")
                let first = try history.revoke(station)
                let cuts = try made.prefix(3).map {
                    try history.write(secondHub, .cutOff(first, history.point($0)))
                }
                let (second, third) = (
                    try history.revoke(secondHub), try history.revoke(secondHub)
                )
                try history.write(hub, .cutOff(second, history.point(cuts[1])))
                try history.write(hub, .cutOff(third, history.point(cuts[0])))
            },
            try vector("a chain of revoked hubs is settled from its end", start) { history in
                let made = try history.work(station, "a", "b")
                let first = try history.revoke(station)
                let cut = try history.write(hub, .cutOff(first, history.point(made[0])))
                let second = try history.revoke(hub)
                let kept = history.point(cut)
                let lifted = try history.write(secondHub, .cutOff(second, nothing(of: kept)))
                let third = try history.revoke(secondHub)
                let last = nothing(of: history.point(lifted))
                try history.write(thirdHub, .cutOff(third, last))
                try history.write(thirdHub, .receipt(history.point(made[1])))
            },
            try vector("statements of the log count by number, not by when they act", start) {
                history in
                let made = try history.work(station, "a", "b", "c")
                let first = try history.revoke(secondHub, effectiveAt: 4)
                let second = try history.revoke(station, effectiveAt: 3)
                try history.state(.minimumVersion(1))
                try history.write(secondHub, .cutOff(second, history.point(made[2])))
                try history.write(hub, .receipt(history.point(made[0])))
                _ = first
            },
            try vector("a revocation not yet in force silences no hub", start) { history in
                let made = try history.work(station, "a", "b", "c")
                _ = try history.revoke(secondHub, effectiveAt: 9)
                let second = try history.revoke(station)
                try history.write(secondHub, .cutOff(second, history.point(made[1])))
            },
        ]
    }

    /// One device, two certificates, two replicas.
    private static func serials(_ cast: VectorCast, _ start: RulingHistory) throws -> [Vector] {
        let device = start.history.writers[station].certificate.structure.device
        let renewed = try cast.writer(.station) { certificate, statement in
            certificate.device = device
            statement.device = device
            statement.certificate = certificate.hash
        }
        let serial = renewed.certificate.structure.serial
        func revoked(_ name: String, _ serial: UInt64) throws -> Vector {
            var history = RulingHistory(cast, start.history.writers + [renewed])
            let (old, new) = (try history.work(station, "a", "b"), try history.work(5, "c", "d"))
            let one = try history.revoke(station, serial: serial)
            try history.write(hub, .cutOff(one, history.point(new[0])))
            try history.write(hub, .receipt(history.point(old[0])))
            return try history.vector(name)
        }
        return [
            try revoked("a revocation of one certificate leaves the other's replica", serial),
            try revoked("a revocation of a device covers all its replicas, each by itself", 0),
        ]
    }
}

// MARK: - Statements that say nothing

extension RulingVectors {
    static func malformed(_ start: RulingHistory) throws -> [Vector] {
        try malformedCutOffs(start) + malformedReceipts(start)
    }

    private static func malformedCutOffs(_ start: RulingHistory) throws -> [Vector] {
        [
            try vector("cut-offs that say nothing leave a receipt as the limit", start) { history in
                let made = try history.work(station, "a", "b", "c", "d")
                let (held, last) = (history.point(made[1]), history.point(made[2]))
                try history.write(hub, .receipt(held))
                let revocation = Value.bytes(try history.revoke(station).bytes)
                let (replica, hash) = (Value.id(last.replica), Value.bytes(last.hash.bytes))
                let short = Value.bytes(last.hash.bytes.dropLast())
                let wrong: [[Value?]] = [
                    [nil, replica, .integer(3), hash], [revocation, nil, .integer(3), hash],
                    [revocation, replica, nil, hash], [revocation, replica, .integer(3), nil],
                    [revocation, replica, .integer(-3), hash],
                    [revocation, replica, .integer(3), short],
                    [revocation, replica, .integer(3), .bytes(last.hash.bytes + [0])],
                    [revocation, replica, .integer(3), .null],
                    [revocation, replica, .text("3"), hash],
                    [.bytes([1, 2]), replica, .integer(3), hash], [],
                ]
                for values in wrong { try history.write(hub, .event(CutOff.number, values)) }
            }
        ]
    }

    /// A receipt with something wrong in it beside something right.
    private static func malformedReceipts(_ start: RulingHistory) throws -> [Vector] {
        let time = Value.integer(Int64(TenantKit.start))
        func receipt(
            _ name: String,
            time: Value?,
            _ wrong: (FeedPoint) -> [Value]
        ) throws -> Vector {
            try vector("a receipt \(name)", start) { history in
                let made = try history.work(station, "a", "b", "c")
                let point = history.point(made[1])
                let right = Value.list([.id(point.replica), mark(point)])
                var operation = Operation.event(Receipt.number, [time])
                let elements = ([right] + wrong(history.point(made[2]))).sorted {
                    encoded($0).lexicographicallyPrecedes(encoded($1))
                }
                let added = elements.map { FieldEdit(2, .add($0, replacing: [])) }
                operation = Operation(Receipt.number, .event, edits: operation.edits + added)
                try history.write(hub, operation)
                _ = try history.revoke(station)
            }
        }
        return [
            try receipt("without a time", time: nil) { _ in [] },
            try receipt("with a time before 1970", time: .integer(-1)) { _ in [] },
            try receipt("with a mark of 39 bytes", time: time) { point in
                let short = Array(markBytes(point).dropLast())
                return [.list([.id(point.replica), .bytes(short)])]
            },
            try receipt("with a mark of 41 bytes", time: time) { point in
                [.list([.id(point.replica), .bytes(markBytes(point) + [0])])]
            },
            try receipt("with lists of one and three", time: time) { point in
                [
                    .list([.id(point.replica)]),
                    .list([.id(point.replica), mark(point), .null]),
                ]
            },
            try receipt("with an element of another kind, which does not count", time: time) {
                [mark($0)]
            },
            try receipt("with a mark before the replica", time: time) { point in
                [.list([mark(point), .id(point.replica)])]
            },
        ]
    }

    private static func markBytes(_ point: FeedPoint) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: point.sequence >> (56 - 8 * $0)) }
            + point.hash.bytes
    }

    private static func mark(_ point: FeedPoint) -> Value { .bytes(markBytes(point)) }

    private static func encoded(_ value: Value) -> [UInt8] {
        var writer = Writer()
        writer.value(value)
        return writer.bytes
    }
}
