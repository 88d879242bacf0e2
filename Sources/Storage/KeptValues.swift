public import CRDT
import Synchronization

/// Values that were made of one scope alone, each with the mark that the scope had then.
///
/// - Invariant: What is kept was read from what is committed, and is given out only while the scope
///   has neither grown nor been judged otherwise since.
final class KeptValues: Sendable {
    private struct Place: Hashable {
        let name: String
        let scope: Scope
    }

    private let held = Mutex<[Place: (mark: ScopeMark, value: any Sendable)]>([:])

    fileprivate func value<Value: Sendable>(
        _ name: String,
        of scope: Scope,
        at mark: ScopeMark
    ) -> Value? {
        let known = held.withLock { $0[Place(name: name, scope: scope)] }
        guard let known, known.mark == mark else { return nil }
        return known.value as? Value
    }

    fileprivate func keep(
        _ value: some Sendable,
        named name: String,
        of scope: Scope,
        at mark: ScopeMark
    ) {
        held.withLock { $0[Place(name: name, scope: scope)] = (mark, value) }
    }
}

extension View {
    /// A value that follows from one scope alone, made again only when the scope has changed.
    ///
    /// Inside an action it is made each time: what an action sees may never be committed.
    ///
    /// - Parameters:
    ///   - name: Which of the values of the scope it is; one name, one type.
    ///   - scope: What it is made of.
    ///   - make: Makes it.
    /// - Returns: The value as the view shows it.
    /// - Throws: What `make` throws, and what the disk says.
    public func kept<Value: Sendable>(
        _ name: String,
        of scope: Scope,
        _ make: () throws -> Value
    ) throws -> Value {
        guard let values else { return try make() }
        let mark = try mark(of: scope)
        if let known: Value = values.value(name, of: scope, at: mark) { return known }
        let made = try make()
        values.keep(made, named: name, of: scope, at: mark)
        return made
    }
}
