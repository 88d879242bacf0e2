import Domain
import Foundation

/// Approval policies as a firm writes them down.
///
/// - Shape: `fixtures/approvals/README.md`.
struct ApprovalPolicyFile: Codable, Sendable {
    var policies: [Policy]
    /// Numbers that conditions ask for, as texts, by name.
    var settings: [String: String]?

    struct Policy: Codable, Sendable {
        var slug: String
        /// Left out: the version after the greatest.
        var version: Int64?
        var name: String
        var subjectType: String?
        var approvalType: String
        /// Left out: sequential.
        var mode: String?
        var published: Bool?
        var precedence: Int64?
        var when: [String]?
        var steps: [Step]
        var tiers: [Tier]?
        var slaHours: [String: Int64]?
        var remindHours: Int64?
        var expiryDays: Int64?
        var reassigns: Bool?
    }

    struct Step: Codable, Sendable {
        var step: String
        var order: Int64?
        /// role, project_manager or manager_chain; left out: role.
        var who: String?
        var role: String?
        var level: Int64?
        var people: Int64?
        var method: Int64?
        var when: [String]?
    }

    struct Tier: Codable, Sendable {
        /// Left out: whatever is above the others.
        var upTo: String?
        var steps: [String]
    }

    /// The longest file that is read: 1 MiB.
    private static let fileBytesMax = 1 << 20

    /// - Throws: `.notFound`, `.badInput`.
    init(path: String) throws {
        guard let bytes = try PrivateFile.read(path, atMost: Self.fileBytesMax) else {
            throw CommandFault(.notFound, "there is no file \(path)")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(ApprovalPolicyFile.self, from: Data(bytes))
        } catch {
            throw CommandFault(
                .badInput,
                "\(path) holds no policies: \(error)",
                reason: "no-policy"
            )
        }
    }
}

extension ApprovalPolicyFile.Policy {
    /// The policy as records hold it.
    ///
    /// - Parameters:
    ///   - version: Which it becomes.
    ///   - faults: Takes what cannot be read.
    /// - Returns: The policy without what could not be read.
    func outline(version: Int64, _ faults: inout [String]) -> ApprovalOutline {
        var outline = ApprovalOutline(slug, version: version, approvalType)
        outline.name = name
        if let word = subjectType {
            outline.subjectType = ApprovalSubject.Kind(word: word)
            if outline.subjectType == nil { faults.append("there is no subject type \(word)") }
        }
        if let mode {
            if ApprovalOutline.Mode(rawValue: mode) == nil {
                faults.append("a mode is sequential or parallel")
            }
            outline.mode = ApprovalOutline.Mode(rawValue: mode) ?? .sequential
        }
        outline.isPublished = published ?? false
        outline.precedence = precedence ?? 0
        (outline.expiryDays, outline.remindHours) = (expiryDays, remindHours)
        outline.reassigns = reassigns ?? false
        outline.hours = slaHours ?? [:]
        outline.when = Self.conditions(when, &faults)
        for (place, part) in steps.enumerated() {
            outline.steps.append(part.step(at: place))
            let conditions = Self.conditions(part.when, &faults)
            if !conditions.alternatives.isEmpty { outline.stepsWhen[part.step] = conditions }
        }
        for tier in tiers ?? [] {
            var bound: DecimalNumber?
            if let text = tier.upTo {
                bound = try? DecimalNumber(typed: text)
                if bound == nil { faults.append("\(text) is no amount") }
            }
            outline.tiers.append(ApprovalTier(upTo: bound, steps: tier.steps))
        }
        return outline
    }

    private static func conditions(
        _ lines: [String]?,
        _ faults: inout [String]
    ) -> ApprovalConditions {
        guard let lines else { return ApprovalConditions() }
        guard let conditions = ApprovalConditions(lines: lines) else {
            faults.append("a condition is a fact, an operator and a value: amount > 500")
            return ApprovalConditions()
        }
        return conditions
    }
}

extension ApprovalPolicyFile.Step {
    fileprivate func step(at place: Int) -> ApprovalStep {
        let who: ApprovalStep.Who =
            switch who ?? "role" {
            case "role": .role(role ?? "", level: Int(clamping: level ?? 1))
            case "project_manager": .projectManager
            case "manager_chain": .managerChain
            case let word: .unknown(word)
            }
        return ApprovalStep(
            step,
            order: order ?? Int64(place + 1),
            who,
            people: Int(clamping: people ?? 1),
            method: UInt8(clamping: method ?? 4)
        )
    }
}
