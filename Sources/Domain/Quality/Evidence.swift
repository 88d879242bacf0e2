public import CRDT

/// A photo, document or signature that belongs to an item of an inspection: one event.
///
/// Evidence is never taken back: what was seen stays on record.
public struct Evidence: Fact {
    public enum Kind: String, Hashable, Sendable, CaseIterable, Comparable {
        case photo
        case document
        case signature

        public static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    public static let number: UInt32 = 230
    public static let inspectionField: UInt32 = 1
    public static let itemField: UInt32 = 2
    public static let kindField: UInt32 = 3
    public static let contentField: UInt32 = 4
    public static let nameField: UInt32 = 5
    public static let signerField: UInt32 = 6
    public static let signsField: UInt32 = 7
    public static let defectField: UInt32 = 8

    public static let entity = Entity(
        number,
        "qc_evidence",
        in: [.subject],
        form: .event(stream: [inspectionField]),
        fields: [
            Field(inspectionField, "inspection", .id, .fixed),
            Field(itemField, "item", .integer, .fixed),
            Field(kindField, "kind", .text, .fixed),
            Field(contentField, "content", .bytes, .fixed),
            Field(nameField, "name", .text, .fixed),
            Field(signerField, "signer", .id, .fixed),
            Field(signsField, "signs", .id, .set),
            Field(defectField, "defect", .text, .fixed),
        ]
    )

    /// What the evidence is.
    public enum Content: Hashable, Sendable {
        /// The hash of the photo, and what it is called.
        case photo([UInt8], name: String?)
        /// The hash of the document, and what it is called.
        case document([UInt8], name: String?)
        /// Who signs, and the ids of the measurements that they were shown.
        case signature(by: ID, of: Set<ID>)
        /// Of a newer version, or set aside: it shows nothing.
        case unknown
    }

    /// The record of the inspection.
    public let inspection: ID?
    public let item: Int64
    public let content: Content
    /// The code of the defect that it shows.
    public let defect: String?

    public init(inspection: ID, item: Int64, _ content: Content, defect: String? = nil) {
        self.inspection = inspection
        self.item = item
        self.content = content
        self.defect = defect
    }

    public init(_ fields: Fields) {
        inspection = fields.id(Self.inspectionField)
        item = fields.integer(Self.itemField) ?? 0
        defect = fields.text(Self.defectField)
        let name = fields.text(Self.nameField)
        let hash = fields.bytes(Self.contentField)
        switch (fields.text(Self.kindField).flatMap(Kind.init), hash) {
        case (.photo, let hash?): content = .photo(hash, name: name)
        case (.document, let hash?): content = .document(hash, name: name)
        case (.signature, _):
            let signed = fields.elements(Self.signsField).compactMap {
                if case .id(let id) = $0 { id } else { nil }
            }
            content =
                fields.id(Self.signerField)
                .map { .signature(by: $0, of: Set(signed)) } ?? .unknown
        default: content = .unknown
        }
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.inspectionField, inspection)
        values.set(Self.itemField, item)
        values.set(Self.kindField, kind?.rawValue)
        values.set(Self.defectField, defect)
        switch content {
        case .photo(let hash, let name), .document(let hash, let name):
            values[Self.contentField] = .bytes(hash)
            values.set(Self.nameField, name)
        case .signature(let signer, let signed):
            values.set(Self.signerField, signer)
            values.add(Self.signsField, signed.map(Value.id))
        case .unknown: break
        }
        return values
    }

    public var kind: Kind? {
        switch content {
        case .photo: .photo
        case .document: .document
        case .signature: .signature
        case .unknown: nil
        }
    }

    /// The kinds of evidence that items have.
    ///
    /// A signature is one of what was found: it counts while it names all measurements of the item
    /// that stand, so that measuring again asks for a new one.
    ///
    /// - Source: DOM-72.
    public static func provided(
        _ events: some Sequence<Evidence>,
        measured: [Int64: Measured]
    ) -> [Int64: Set<Kind>] {
        var provided: [Int64: Set<Kind>] = [:]
        for event in events {
            guard let kind = event.kind else { continue }
            if case .signature(_, let signed) = event.content {
                let heads = Set((measured[event.item]?.heads ?? []).map(\.id))
                guard !heads.isEmpty, heads.isSubset(of: signed) else { continue }
            }
            provided[event.item, default: []].insert(kind)
        }
        return provided
    }
}
