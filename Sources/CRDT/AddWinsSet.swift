/// A set in which an addition wins over a removal that had not seen it.
///
/// ```swift
/// var tags = AddWinsSet<String>()
/// tags.add("urgent", named: a)
/// tags.remove("urgent", names: [a])  // this author saw a
/// tags.add("urgent", named: b)       // another had not seen the removal
/// tags.contains("urgent")            // true
/// ```
///
/// - Shape: a list of names for each element, normally one.
/// - Invariant: No addition is held that a held removal or re-addition named.
/// - Source: MERGE-4; observed-remove set, Shapiro et al., INRIA RR-7506 (2011).
public struct AddWinsSet<Element: Hashable & Sendable>: Hashable, Sendable {
    /// The additions that stand, by element.
    public private(set) var additions: [Element: Set<Name>] = [:]

    public init() {}

    /// Restores additions that were stored.
    public init(additions: [Element: Set<Name>]) {
        self.additions = additions.filter { !$0.value.isEmpty }
    }

    public var elements: Dictionary<Element, Set<Name>>.Keys { additions.keys }

    public func contains(_ element: Element) -> Bool { additions[element] != nil }

    /// Adds an element, in place of the additions of it that the author was shown.
    public mutating func add(_ element: Element, named name: Name, replacing seen: [Name] = []) {
        additions[element, default: []].subtract(seen)
        additions[element, default: []].insert(name)
    }

    /// Removes the additions of an element that the author was shown, and no other.
    public mutating func remove(_ element: Element, names: [Name]) {
        guard var standing = additions[element] else { return }
        standing.subtract(names)
        additions[element] = standing.isEmpty ? nil : standing
    }
}
