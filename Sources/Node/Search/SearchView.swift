public import CRDT
import Domain
import Storage

/// What a person looks for.
public struct SearchRequest: Hashable, Sendable {
    /// Words; all of them must be found, the last letters of each may be left out.
    public var text: String
    /// The names of kinds of record, such as `project`; none: all.
    public var kinds: [String] = []
    /// Most hits.
    public var limit = 20

    public init(_ text: String) {
        self.text = text
    }
}

/// What a search found, the best first.
///
/// JSON: `{"hits": [{"kind", "label", "snippet", "project", "id", "scope", "by", "at"}]}`;
/// `project` is null for what belongs to none, `by` and `at` for a record.
public struct SearchView: Sendable {
    /// One of the things found.
    public struct Hit: Sendable {
        public let scope: Scope
        public let kind: String
        public let id: ID
        /// What people call it.
        public let label: String
        /// The words around what was found.
        public let snippet: String
        /// The number of the project it belongs to.
        public let project: String?
        let origin: Origin?
    }

    public let hits: [Hit]
    private let names: Nicknames

    init(_ request: SearchRequest, on view: View) throws {
        names = try Nicknames(view)
        let terms = SearchTerms(request.text)
        let kinds = try request.kinds.map { try Self.kind(named: $0) }
        let limit = min(max(0, request.limit), Self.limitMax)
        hits = try view.search(terms, for: kinds, limit: limit).map { hit in
            let texts = hit.entity.searched.sorted { $0.weight.rawValue < $1.weight.rawValue }
                .compactMap { hit.fields.text($0.field) }
            let isSubject = hit.scope.kind == .subject
            return Hit(
                scope: hit.scope,
                kind: hit.entity.name,
                id: hit.id,
                label: texts.first { !$0.isEmpty } ?? Nicknames.short(hit.id),
                snippet: texts.lazy.compactMap(terms.excerpt).first ?? "",
                project: isSubject ? try view.projectNumber(of: hit.scope.key) : nil,
                origin: hit.origin
            )
        }
    }

    /// More than anybody reads.
    private static let limitMax = 500

    private static func kind(named name: String) throws -> Entity {
        var choice = NameChoice<Entity>("record")
        for entity in Catalogue.schema.entities where !entity.searched.isEmpty {
            choice.add(entity, names: [entity.name])
        }
        return try choice.only(called: name)
    }
}

// MARK: - What is printed

extension SearchView {
    public var json: JSON {
        [
            "hits": .list(hits) { hit in
                [
                    "kind": .text(hit.kind), "label": .text(hit.label),
                    "snippet": .text(hit.snippet), "project": .text(orNull: hit.project),
                    "id": .text("\(hit.id)"), "scope": .text("\(hit.scope)"),
                    "by": .text(orNull: hit.origin.map { names.user($0.user) }),
                    "at": .text(
                        orNull: hit.origin.map { Moment.text(milliseconds: $0.time.milliseconds) }
                    ),
                ]
            }
        ]
    }

    public var lines: [String] {
        guard !hits.isEmpty else { return ["nothing found"] }
        var table = Table("KIND", "PROJECT", "WHAT", "WHERE IT SAYS SO")
        for hit in hits {
            let isSame = hit.snippet == hit.label
            table.add(hit.kind, hit.project ?? "-", hit.label, isSame ? "" : hit.snippet)
        }
        return table.lines
    }
}

extension LocalNode {
    /// Looks for words in the names, numbers and notes of what this node holds.
    ///
    /// Case, marks on letters and the width of signs do not matter: `dong` finds Động, `12,5`
    /// finds １２．５, 検査 is found in 検査結果.
    ///
    /// - Throws: `.notFound` for a kind that is none.
    public func search(_ request: SearchRequest) throws -> SearchView {
        try read { try SearchView(request, on: $0) }
    }
}
