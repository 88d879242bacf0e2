import CRDT
import Dispatch
import Domain
import Simulation
import Storage
import Synchronization
import Testing
import Wire

/// What is said to be saved is saved, whole, and what is refused leaves nothing.
@Suite("Acting")
struct ActingTests {
    private struct Refusal: Error {}

    private static let scope = Scope.subject(World.subjectP)

    private func creation(_ text: String) -> Operation {
        let edit = FieldEdit(1, .write(.text(text), replacing: []))
        return Operation(SimulationSchema.thing.number, .new, edits: [edit])
    }

    private func titles(_ store: Store) throws -> [String] {
        try store.read { view in
            try view.records(of: SimulationSchema.thing, in: Self.scope)
        }
        .compactMap { $0.fields.text(1) }
    }

    private func draft(_ operation: Operation) -> Draft {
        var draft = Draft()
        draft.add(operation, in: Self.scope)
        return draft
    }

    @Test("what a rule refuses leaves no change, no row and no gap in the feed")
    func refusals() throws {
        let world = try World(seed: 50)
        let store = world.nodes[1].store
        let before = store.position
        #expect(throws: Refusal.self) {
            try store.act(History.actor, wallMilliseconds: world.now) { _ in throw Refusal() }
        }
        #expect(store.position == before)
        let first = try store.act(History.actor, wallMilliseconds: world.now) { _ in
            draft(creation("a"))
        }
        let second = try store.act(History.actor, wallMilliseconds: world.now) { _ in
            draft(creation("b"))
        }
        #expect(second.changes[0].sequence == first.changes[0].sequence + 1)
        #expect(second.stamp > first.stamp)
        #expect(try titles(store).sorted() == ["a", "b"])
    }

    @Test("sixteen writers at once lose nothing, and one that is refused hurts nobody")
    func manyWriters() throws {
        let world = try World(seed: 51)
        let store = world.nodes[1].store
        let now = world.now
        let saved = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 16) { writer in
            for number in 0..<12 {
                let operation = creation("\(writer).\(number)")
                let isRefused = number % 4 == 3
                let result = try? store.act(History.actor, wallMilliseconds: now) { _ in
                    if isRefused { throw Refusal() }
                    var draft = Draft()
                    draft.add(operation, in: Self.scope)
                    return draft
                }
                if result != nil { saved.withLock { $0.append("\(writer).\(number)") } }
            }
        }
        let expected = saved.withLock { $0 }
        #expect(expected.count == 16 * 9)
        #expect(try Set(titles(store)) == Set(expected))
        #expect(try store.verify { _ in }.faults == [])
    }

    @Test("an action in two scopes is one commit with one stamp")
    func twoScopes() throws {
        let world = try World(seed: 52)
        let store = world.nodes[1].store
        let saved = try store.act(History.actor, wallMilliseconds: world.now) { acting in
            var draft = Draft()
            draft.add(creation("here"), in: Self.scope)
            draft.add(creation("there"), in: .site(World.siteA))
            #expect(acting.stamp.replica == store.replica)
            return draft
        }
        #expect(saved.changes.count == 2)
        let times = try store.read { view in
            try [Self.scope, .site(World.siteA)].map { scope in
                let record = try view.records(of: SimulationSchema.thing, in: scope).last
                let history = try view.history(
                    of: record?.id ?? .zero,
                    entity: SimulationSchema.thing.number,
                    in: scope
                )
                return history.first?.origin.time
            }
        }
        #expect(Set(times) == [saved.stamp.time])
    }

    @Test("what every node would refuse is refused at home, and nothing is lost for it")
    func inadmissible() throws {
        let world = try World(seed: 53)
        let station = world.nodes[1].store
        let cases: [(Scope, Operation)] = [
            (.tenant, creation("not a station's to write")),
            (.site(World.siteB), creation("another site")),
            (Self.scope, creation(String(repeating: "x", count: Limits.textBytesMax + 1))),
            (
                Self.scope,
                Operation(
                    SimulationSchema.thing.number,
                    .existing(ID(high: 1, low: 1)),
                    edits: [FieldEdit(1, .write(.text("x"), replacing: [unheld]))]
                )
            ),
        ]
        for (scope, operation) in cases {
            let before = station.position
            var code: StorageError.Code?
            do {
                _ = try station.act(History.actor, wallMilliseconds: world.now) { _ in
                    var draft = Draft()
                    draft.add(operation, in: scope)
                    return draft
                }
            } catch {
                code = (error as? StorageError)?.code
            }
            #expect(code == .inadmissible, "\(scope)")
            #expect(station.position == before)
        }
        _ = try station.act(History.actor, wallMilliseconds: world.now) { _ in
            draft(creation("fine"))
        }
        #expect(try station.verify { _ in }.faults == [])
    }

    private var unheld: Name {
        Name(Stamp(HybridTime(milliseconds: 5), ID(high: 9, low: 9)), hash: 1)
    }

    @Test("a wall clock at either end of its range stops nothing")
    func clocksAtTheirEnds() throws {
        let world = try World(seed: 54)
        let store = world.nodes[1].store
        for wall in [0, UInt64.max, 4_070_908_800_000, UInt64(1) << 48] {
            _ = try? store.act(History.actor, wallMilliseconds: wall) { _ in draft(creation("x")) }
        }
        #expect(try store.verify { _ in }.faults == [])
        #expect(try !titles(store).isEmpty)
    }
}
