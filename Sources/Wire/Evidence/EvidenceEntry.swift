import Bytes
import CRDT

/// An entry of the audit in an evidence pack: its leaf, and what it says if that was asked for.
///
/// - Source: EVD-5.
public struct EvidenceEntry: Hashable, Sendable {
    /// The parts that the leaf commits to, under the keys that prove it.
    public struct Opening: Hashable, Sendable {
        public var keys: AuditKeys
        public var subject: [UInt8]
        public var detail: [UInt8]

        public init(keys: AuditKeys, subject: [UInt8], detail: [UInt8]) {
            self.keys = keys
            self.subject = subject
            self.detail = detail
        }
    }

    public enum Content: Hashable, Sendable {
        /// Not asked for.
        case closed
        case opened(Opening)
        /// The keys were destroyed: nobody can say any more what it said.
        case erased
    }

    public var leaf: AuditLeaf
    public var content: Content

    public init(leaf: AuditLeaf, content: Content) {
        self.leaf = leaf
        self.content = content
    }

    static let partBytesMax = 1 << 18
    private static let leafBytes = 101

    func write(to writer: inout Writer) {
        writer.raw(leaf.encoded)
        switch content {
        case .closed: writer.u8(0)
        case .opened(let opening):
            writer.u8(1)
            writer.raw(opening.keys.bytes)
            writer.prefixed(opening.subject)
            writer.prefixed(opening.detail)
        case .erased: writer.u8(2)
        }
    }

    init(reading reader: inout Reader) throws(Malformed) {
        leaf = try AuditLeaf(decoding: try reader.raw(Self.leafBytes, "leaf"))
        switch try reader.u8("content") {
        case 0: content = .closed
        case 1:
            guard let keys = AuditKeys(try reader.raw(AuditKeys.byteCount, "keys")) else {
                throw reader.malformed(.invalid, "keys")
            }
            content = .opened(
                Opening(
                    keys: keys,
                    subject: try reader.prefixed(atMost: Self.partBytesMax, "subject"),
                    detail: try reader.prefixed(atMost: Self.partBytesMax, "detail")
                )
            )
        case 2: content = .erased
        default: throw reader.malformed(.invalid, "content")
        }
    }
}

extension EvidenceEntry.Opening {
    /// Whether the leaf commits to these parts.
    public func opens(_ leaf: AuditLeaf) -> Bool {
        AuditKeys.commitment(to: subject, key: keys.subject) == leaf.subject
            && AuditKeys.commitment(to: detail, key: keys.detail) == leaf.detail
    }
}

// MARK: - For people

extension EvidenceEntry {
    static let csvHeader = "index,time,kind,device,user,scope,record,detail,state\n"

    /// A line of `audit.csv`: the same words from the same bytes, in every implementation (EVD-7).
    func csvLine(at index: Int) -> String {
        var cells = [
            String(index), Self.time(leaf.time),
            AuditKind(rawValue: leaf.kind)?.name
                ?? String(leaf.kind), "\(leaf.actor)",
        ]
        switch content {
        case .closed: cells += ["", "", "", "", "not asked for"]
        case .erased: cells += ["", "", "", "", "erased"]
        case .opened(let opening):
            if let subject = try? AuditSubject(decoding: opening.subject) {
                cells += ["\(subject.user)", "\(subject.scope)", "\(subject.record)"]
            } else {
                cells += ["", "", ""]
            }
            cells += [Self.words(opening.detail, of: leaf.kind), "shown"]
        }
        return cells.map(Self.quoted).joined(separator: ",") + "\n"
    }

    private static func words(_ detail: [UInt8], of kind: UInt8) -> String {
        switch try? AuditDetail(decoding: detail, of: kind) {
        case .change(let hash): Hex.encode(hash.bytes)
        case .statement(let kind, let number, let hash):
            "\(kind == 0 ? "root" : "statement") \(number) \(Hex.encode(hash.bytes))"
        case .act(let fields):
            fields.names.map { "\($0)=\(fields[$0] ?? "")" }.joined(separator: "; ")
        case nil: Hex.encode(detail)
        }
    }

    private static func quoted(_ cell: String) -> String {
        "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    /// A time in UTC as ISO 8601 writes it, with milliseconds.
    static func time(_ milliseconds: UInt64) -> String {
        func padded(_ number: UInt64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        // Days of years that begin in March: a leap day is the last of its year.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let part = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * part + 2) / 5 + 1
        let month = part < 10 ? part + 3 : part - 9
        let full = era * 400 + year + (month <= 2 ? 1 : 0)
        let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60)
        return "\(padded(full, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(hours, 2)):"
            + "\(padded(minutes, 2)):\(padded(rest / 1_000 % 60, 2)).\(padded(rest % 1_000, 3))Z"
    }
}
