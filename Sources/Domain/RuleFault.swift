/// Why a person may not do what they asked: said before anything is written.
///
/// - Shape: a code for programs, a sentence for people.
public struct RuleFault: Error, Hashable, Sendable {
    /// What kind of rule stands in the way.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The person has none of the roles, or not the level, that the act needs.
        case notAllowed
        /// The person was not known well enough: a PIN or password is needed.
        case methodTooWeak
        /// Only a hub does this.
        case hubOnly
        /// The act does not follow from the state that was shown.
        case wrongOrder
        /// The sub-stage does not belong to the stage that the subject is in.
        case stageNotCurrent
        /// The workflow does not let this sub-stage be skipped.
        case notSkippable
        /// Required sub-stages of the stage are still open.
        case stageNotComplete
        /// Exit criteria of the stage are not confirmed.
        case criteriaOpen
        /// The workflow does not let a subject go from the one stage to the other.
        case noSuchMove
        /// The subject was cancelled.
        case cancelled
        /// A published version never changes.
        case published
        /// The workflow has no such stage, or no stage follows.
        case unknownStage
        /// An unblocking must name the blocks it lifts, and those must stand.
        case blocksNotNamed
        case reasonRequired
        /// A required text is empty.
        case empty
        case tooLong
        /// The value is none of those the field may hold.
        case unknownValue
        /// A comma where a decimal point must stand: 0,42 could be read as 42 elsewhere.
        case decimalComma
        case notANumber
        /// More digits than a decimal holds: 18 of them, 18 after the point.
        case tooManyDigits
        /// The value is measured in another unit than the process says.
        case wrongUnit
        /// The outcome that was claimed is not what the value says.
        case outcomeDiffers
        /// An item of an inspection that its process does not have.
        case unknownItem
        case endBeforeStart
        /// The entry has been stopped, or is not one that runs.
        case notRunning
        /// A resumption must name the holds it lifts, and those must stand.
        case holdsNotNamed
        /// Progress never falls within an attempt.
        case progressFalls
        /// The task waits for another.
        case dependencyOpen
        /// The sub-stage has tasks that are not closed.
        case taskOpen
        /// The subject has no task of that code.
        case unknownTask
        /// The dependency would close a cycle.
        case cycle
        /// The two are linked already.
        case alreadyThere
        /// The number lies outside what the field may hold.
        case outOfRange
        /// A day is written YYYY-MM-DD.
        case notADay
        /// Inspections or defects hold the work.
        case qualityHolds
        /// 1,000 could be one or a thousand.
        case thousands
        /// The limits contradict each other, or the kind of the item.
        case badLimits
        /// Two items of a plan have one number.
        case duplicateItem
        /// The process has no such sample.
        case unknownSample
        /// Who resolved a defect does not verify it, and who asked for an approval does not decide.
        case sameAuthor
        /// What was reviewed is no longer what is there.
        case outdated
        /// Somebody else has this name, address or badge.
        case taken
        /// Somebody would come to stand above themselves.
        case ownManager
        /// No such role is in use.
        case unknownRole
        /// It holds already, or has ended.
        case interval
        /// A stop is undone within seconds, or corrected.
        case tooLate
        /// What should be an e-mail address is none.
        case notAnEmail
        /// A PIN that is guessed too easily.
        case weakSecret
    }

    public let code: Code
    /// One sentence that says what to do instead.
    public let message: String
    /// What was not allowed, where it is a matter of who asks and how they are known.
    public let act: Act?

    public init(_ code: Code, _ message: String, of act: Act? = nil) {
        self.code = code
        self.message = message
        self.act = act
    }
}

/// Checks of the texts that people type.
public enum TextRule {
    /// Longest title or name, in bytes of UTF-8.
    public static let titleBytesMax = 255
    /// Longest reason, note or comment, in bytes of UTF-8.
    public static let reasonBytesMax = 16_384

    /// - Throws: `reasonRequired` for an absent or blank reason, `tooLong`.
    public static func reason(_ text: String?) throws(RuleFault) {
        guard let text, !isBlank(text) else {
            throw RuleFault(.reasonRequired, "say why: this needs a reason")
        }
        try comment(text)
    }

    /// - Throws: `tooLong`.
    public static func comment(_ text: String?) throws(RuleFault) {
        guard (text?.utf8.count ?? 0) <= reasonBytesMax else {
            throw RuleFault(.tooLong, "a text holds at most \(reasonBytesMax) bytes")
        }
    }

    /// - Throws: `empty` for an absent or blank title, `tooLong`.
    public static func title(_ text: String?) throws(RuleFault) {
        guard let text, !isBlank(text) else { throw RuleFault(.empty, "a title is needed") }
        guard text.utf8.count <= titleBytesMax else {
            throw RuleFault(.tooLong, "a title holds at most \(titleBytesMax) bytes")
        }
    }

    /// Longest code of a task, defect or plan, in bytes of UTF-8.
    public static let codeBytesMax = 100

    /// - Throws: `empty` for a blank code, `tooLong`.
    public static func code(_ text: String) throws(RuleFault) {
        guard !isBlank(text) else { throw RuleFault(.empty, "a code is needed") }
        guard text.utf8.count <= codeBytesMax else {
            throw RuleFault(.tooLong, "a code holds at most \(codeBytesMax) bytes")
        }
    }

    /// Checks the form of a calendar day, and that its month has it.
    ///
    /// - Throws: `notADay`.
    public static func day(_ text: String) throws(RuleFault) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isDigits = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2d }
        guard parts.map(\.count) == [4, 2, 2], isDigits else { throw notADay }
        let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1) - 0x30 } }
        let (year, month) = (numbers[0], numbers[1])
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...days[month - 1]).contains(numbers[2]) else {
            throw notADay
        }
    }

    private static var notADay: RuleFault { RuleFault(.notADay, "write a day as 2026-11-21") }

    private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}
