public import CRDT

extension Nicknames {
    /// A value of a field as a line shows it: people, sites and devices by name.
    public func text(_ value: Value?) -> String {
        guard case .id(let id) = value else { return (value ?? .null).shown }
        return name(id) ?? "\(id)"
    }

    /// A value of a field as a script reads it, with the same names.
    public func json(_ value: Value?) -> JSON {
        guard case .id = value else { return (value ?? .null).json }
        return .text(text(value))
    }
}
