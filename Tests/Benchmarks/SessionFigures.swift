import CRDT
import Domain
import Simulation
import Storage
import Wire

/// Figures of whole sessions, after the handshake: bytes both ways, round trips, time a side.
enum SessionFigures {
    /// Encrypted bytes of a change that is sent alone in a running session, over what the session
    /// has sent before: 100 changes in a first sync, then 100 more one by one.
    static func lone() throws {
        let folder = try Folder("lone")
        let kit = try TenantKit()
        let station = try Device(.station, kit, in: folder, seed: 1)
        let hub = try Device(.hub, kit, in: folder, seed: 2)
        var entries = TimeEntries(seed: 1)
        for entry in entries.next(100) { try station.write([entry.creation], at: entry.wall) }
        var line = Line(station, hub, endsWhenEqual: false)
        try line.start()
        line.forgetCost()
        for entry in entries.next(100) {
            try station.write([entry.creation], at: entry.wall)
            try line.goOn()
        }
        let bytes = line.cost.bytes.map { Double($0) / 100 }
        let raw = Double(TimeEntry.packedBytes)
        try Figure.size("lone", bytes[0], "B", raw: raw).emit()
        try Figure.size("lone-answer", bytes[1], "B", raw: nil).emit()
    }

    /// Sessions of nodes that hold the same, and of nodes that differ in one change.
    static func nothingNew() throws {
        try nothingNew(scopes: 1)
        try nothingNew(scopes: 10_000)
    }

    private static func nothingNew(scopes: Int) throws {
        let folder = try Folder("nothing-new")
        let kit = try TenantKit()
        let station = try Device(.station, kit, in: folder, seed: 1)
        let hub = try Device(.hub, kit, in: folder, seed: 2)
        let subjects = (1..<max(scopes, 1)).map { ID(high: 0x5b, low: UInt64($0)) }
        var entries = TimeEntries(seed: 1)
        try station.write([entries.next().creation])
        try open(subjects, at: hub)
        var first = Line(station, hub, endsWhenEqual: true)
        try first.start()
        try equal("nothing-new-\(scopes)", station, hub)
        let scope = subjects.isEmpty ? Device.scope : .subject(subjects[subjects.count / 2])
        try station.write([entries.next().creation], in: scope)
        var line = Line(station, hub, endsWhenEqual: true)
        try line.start()
        guard line.isEqual, hub.store.position == station.store.position else {
            throw Device.Refused()
        }
        try emit("one-new-\(scopes)", line.cost, sessions: 1)
    }

    /// Emits what it costs two nodes to find that they hold the same.
    static func equal(_ figure: String, _ initiator: Device, _ responder: Device) throws {
        var cost = Line.Cost()
        let sessions = 20
        for _ in 0..<sessions {
            var line = Line(initiator, responder, endsWhenEqual: true)
            try line.start()
            guard line.isEqual else { throw Device.Refused() }
            for side in 0..<2 {
                cost.bytes[side] += line.cost.bytes[side]
                cost.work[side].add(line.cost.work[side])
            }
            cost.crossings += line.cost.crossings
        }
        try emit(figure, cost, sessions: sessions)
    }

    private static func emit(_ figure: String, _ cost: Line.Cost, sessions: Int) throws {
        let number = Double(sessions)
        let bytes = cost.bytes.map { Double($0) / number }
        let seconds = cost.work.map { $0.seconds / number }
        let trips = Double(cost.crossings) / number / 2
        try Figure.size("\(figure)-sent", bytes[0], "B", raw: nil).emit()
        try Figure.size("\(figure)-received", bytes[1], "B", raw: nil).emit()
        try Figure.size("\(figure)-round-trips", trips, "round trips", raw: nil).emit()
        try Figure.size("\(figure)-side", (seconds.max() ?? 0) * 1e6, "µs", raw: nil).emit()
    }

    /// Opens subjects at the station's site, which makes each a scope of its own.
    private static func open(_ subjects: [ID], at station: Device) throws {
        for start in stride(from: 0, to: subjects.count, by: 100) {
            let some = subjects[start..<min(start + 100, subjects.count)]
            var draft = Draft()
            for subject in some {
                let opening = FieldEdit(1, .write(.id(subject), replacing: []))
                draft.add(Operation(Opening.number, .event, edits: [opening]), in: Device.scope)
                let opened = FieldEdit(1, .write(.id(Device.site), replacing: []))
                let event = Operation(Opened.number, .event, edits: [opened])
                draft.add(event, in: .subject(subject))
            }
            try station.write(draft)
        }
    }
}
