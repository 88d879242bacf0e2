import CRDT

/// The one thing among several that a person means by a name.
///
/// Case does not matter. A name that fits nothing, or several, is refused with what was near.
struct NameChoice<Item> {
    private let kind: String
    private var candidates: [(names: [String], item: Item)] = []

    /// - Parameter kind: What is looked for, in words: `project`.
    init(_ kind: String) {
        self.kind = kind
    }

    /// Adds what can be meant; a slip of the hand in any of its names is answered with the first.
    mutating func add(_ item: Item, names: [String?]) {
        let names = names.compactMap(\.self).filter { !$0.isEmpty }
        candidates.append((names, item))
    }

    /// - Throws: `.notFound`, with reason `unknown-name` or `ambiguous-name`.
    func only(called typed: String) throws -> Item {
        let wanted = typed.lowercased()
        let found = candidates.filter { $0.names.contains { $0.lowercased() == wanted } }
        if found.count == 1 { return found[0].item }
        let shown = String(typed.prefix(60))
        guard found.isEmpty else {
            let names = found.compactMap(\.names.last).prefix(4).joined(separator: ", ")
            throw CommandFault(
                .notFound,
                "several of kind \(kind) are called \(shown): use the id, one of \(names)",
                reason: "ambiguous-name"
            )
        }
        let near = near(wanted)
        let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"
        throw CommandFault(
            .notFound,
            "no \(kind) is called \(shown)\(hint)",
            reason: "unknown-name"
        )
    }

    /// Up to four names that are a slip of the hand away, or that begin or end so.
    private func near(_ wanted: String) -> [String] {
        guard !wanted.isEmpty, wanted.utf8.count <= 80 else { return [] }
        let slips = max(1, min(3, wanted.count / 3))
        let scored = candidates.compactMap { candidate -> (Int, String)? in
            let distances = candidate.names.prefix(3).map { name -> Int in
                let name = name.lowercased()
                if name.hasPrefix(wanted) || name.hasSuffix(wanted) { return 0 }
                return Self.distance(Array(wanted.utf8), Array(name.utf8.prefix(80)))
            }
            guard let best = distances.min(), best <= slips, let name = candidate.names.first
            else { return nil }
            return (best, name)
        }
        return scored.sorted { $0 < $1 }.prefix(4).map(\.1)
    }

    /// How many letters must change to make one word of another.
    ///
    /// - Source: Wagner, Fischer, The String-to-String Correction Problem, JACM 21 (1974).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let change = diagonal + (letter == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}

extension Sequence {
    /// The one whose id begins with the digits that a person typed.
    ///
    /// Few digits are refused even where they fit one alone: an hour later they could fit another.
    ///
    /// - Parameters:
    ///   - kind: What is looked for, in words: `entry`.
    ///   - typed: Hexadecimal digits, in any case.
    ///   - digitsMin: How many must be given.
    ///   - command: What lists the ids.
    ///   - id: Where the id stands.
    /// - Returns: The one that fits.
    /// - Throws: `.notFound`, with reason `unknown-name` or `ambiguous-name`.
    func only(
        _ kind: String,
        beginning typed: String,
        digitsMin: Int,
        shownBy command: String,
        id: (Element) -> ID
    ) throws -> Element {
        let wanted = typed.lowercased()
        let found = filter { "\(id($0))".hasPrefix(wanted) }
        guard wanted.count >= digitsMin, found.count <= 1 else {
            throw CommandFault(
                .notFound,
                "more than one \(kind) may begin so: give more digits, as `\(command)` shows them",
                reason: "ambiguous-name"
            )
        }
        guard let only = found.first else {
            throw CommandFault(
                .notFound,
                "no \(kind) has the id \(typed.prefix(40)): see `\(command)`",
                reason: "unknown-name"
            )
        }
        return only
    }
}
