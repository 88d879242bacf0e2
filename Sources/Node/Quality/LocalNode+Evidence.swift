import CRDT
public import Domain
import Foundation
import Identity
public import Storage

/// What a person attaches to an item of an inspection.
public struct EvidenceRequest: Hashable, Sendable {
    public var kind: Evidence.Kind
    /// The file of a photo or document: its hash and name are recorded, it stays where it is.
    public var path: String?
    /// The code of the defect that it shows.
    public var defect: String?

    public init(_ kind: Evidence.Kind, path: String? = nil) {
        self.kind = kind
        self.path = path
    }
}

extension LocalNode {
    /// Attaches a photo or document to an item, or signs what stands of it.
    ///
    /// - Returns: The inspection as it is then.
    /// - Throws: `RuleFault`, `.notFound` for a file that is not there.
    @discardableResult
    public func attach(
        _ request: EvidenceRequest,
        to item: Int64,
        of name: InspectionName,
        by actor: Actor
    ) throws -> InspectionView {
        let file = try request.file()
        let subject = try project(name.project).subject
        var name = name
        name.project = "\(subject)"
        let wanted = name
        _ = try act(by: actor) { acting, person in
            let inspection = try acting.view.inspection(wanted)
            let defect = try request.defect.map { typed in
                let defects = try ProjectDefects(in: inspection.scope, on: acting.view)
                return try defects.defect(named: typed).definition.code
            }
            let measured = inspection[item]?.measured
            let content: Evidence.Content
            switch (request.kind, file) {
            case (.photo, let file?): content = .photo(file.hash, name: file.name)
            case (.document, let file?): content = .document(file.hash, name: file.name)
            case (.signature, _):
                let heads = Set((measured?.heads ?? []).map(\.id))
                content = .signature(by: person.user, of: heads)
            case (.photo, nil), (.document, nil):
                throw CommandFault(.usage, "say which file", reason: "no-file")
            }
            let evidence = Evidence(
                inspection: inspection.record.id,
                item: item,
                content,
                defect: defect
            )
            try InspectionRules.check(evidence, of: measured, by: person.standing)
            try person.checkMethod(.attachEvidence)
            let heads = Stream(inspection.evidence).heads
            var draft = Draft()
            draft.add(evidence.operation(after: heads), in: inspection.scope)
            return draft
        }
        return try inspection(wanted)
    }
}

extension EvidenceRequest {
    /// The hash and the name of the file; nil where there is none.
    ///
    /// Read in pieces: a film may be longer than the memory of a station.
    fileprivate func file() throws -> (hash: [UInt8], name: String)? {
        guard let path, kind != .signature else { return nil }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFault(.notFound, "there is no file \(path), or it cannot be read")
        }
        defer { try? handle.close() }
        var hash = Blake2b.Stream()
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update(Array(piece))
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        try ShortText.title(name)
        return (hash.finish(), name)
    }
}
