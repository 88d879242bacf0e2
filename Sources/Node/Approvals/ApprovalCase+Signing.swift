import CRDT
import Domain
import Storage
import Wire

// What a person signs who decides on a request: the revision that was reviewed, never the record
// of the request, which a hub goes on writing to.

extension ApprovalCase {
    /// What a decision signs.
    func signed(_ decision: ApprovalRules.Decision) -> SignatureContent {
        SignatureContent(
            decision.action == .reject ? .rejected : .approved,
            of: id,
            in: scope,
            revision: ask.revision.flatMap { Hash($0) } ?? .zero,
            shown: form(decision.action),
            reason: decision.comment
        )
    }

    /// With what the signature of a decision is compared.
    func subject(of event: ApprovalEvent) -> SignedSubject {
        SignedSubject(
            id,
            in: scope,
            revision: event.revision.flatMap { Hash($0) } ?? .zero,
            shown: form(event.action ?? .approve),
            reason: event.comment.map(SignedSubject.Reason.text) ?? .absent
        )
    }

    /// The form that stands before a person who decides: of ids, so that it can be made again.
    private func form(_ action: ApprovalEvent.Action) -> [UInt8] {
        let lines = [
            "\(action.rawValue) \(ask.type)", "\(ask.subject) in \(scope)",
            "revision \(ask.revision.map(ApprovalView.digits) ?? "-")",
            "amount \(ask.amount?.description ?? "-") \(ask.currency ?? "-")",
            "asked by \(ask.requestedBy)", "comment \(ask.comment ?? "-")",
        ]
        return Array(lines.joined(separator: "\n").utf8)
    }
}

extension View {
    /// What decisions on a request are about; nil for what is no request.
    func approvedRevision(of id: ID, in scope: Scope) throws -> Hash? {
        try record(id, of: ApprovalRequest.entity, in: scope)?
            .fields.bytes(ApprovalRequest.revision).flatMap { Hash($0) }
    }
}
