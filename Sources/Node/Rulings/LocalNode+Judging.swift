import CRDT
import Domain
import Storage
import Wire

extension LocalNode {
    private static let judgedKey = "judged"
    /// Positions of the log that one action judges at most.
    private static let judgedAtOnce: Int64 = 4_096

    /// Asks, as a hub, of what came since the last time whether its authors had the right to it
    /// then, and sets aside what they had not.
    ///
    /// What is set aside is kept, forwarded and listed, and holds up nothing; a person releases it.
    ///
    /// - Returns: How many changes were set aside.
    /// - Throws: What the store says; what was not judged then is judged the next time.
    /// - Source: DOM-99.
    @discardableResult
    public func judgeArrivals() throws -> Int {
        guard isHub else { return 0 }
        var denied = 0
        let last = store.position
        var judged = try judgedPosition()
        while judged < last {
            let end = min(last, judged + Self.judgedAtOnce)
            denied += try judge(after: judged, upTo: end)
            judged = end
            try store.setLocalValue(Array("\(end)".utf8), for: Self.judgedKey)
        }
        return denied
    }

    private func judgedPosition() throws -> Int64 {
        let text = try store.localValue(Self.judgedKey).map { String(decoding: $0, as: UTF8.self) }
        return text.flatMap { Int64($0) } ?? 0
    }

    private func judge(after: Int64, upTo: Int64) throws -> Int {
        let scopes = try store.scopesWithArrivals(after: after, upTo: upTo)
        let denials = try readWhole { view in
            let directory = try directories.directory(on: view, isCommitted: true)
            var denials: [Denial] = []
            for scope in scopes where scope.kind == .site || scope.kind == .subject {
                var judge = Judge(view, directory, scope, tenant: store.tenant)
                for change in try view.arrivals(in: scope, after: after, upTo: upTo) {
                    guard let reason = try judge.denial(of: change),
                        try view.reason(of: change.point, in: scope) == nil
                    else { continue }
                    denials.append(Denial(scope: scope, point: change.point, reason: reason))
                }
            }
            return denials
        }
        guard !denials.isEmpty else { return 0 }
        _ = try act(Actor.machine) { acting in
            var draft = Draft()
            for denial in denials {
                let verdict = try acting.view.verdict(
                    .quarantined,
                    on: denial.point,
                    in: denial.scope,
                    reason: denial.reason
                )
                draft.add(verdict, in: denial.scope)
            }
            return draft
        }
        return denials.count
    }
}

/// A change whose author had not the right to it.
private struct Denial: Sendable {
    let scope: Scope
    let point: FeedPoint
    let reason: String
}

/// Judges the changes of one scope, and reads what decides once.
private struct Judge {
    private let view: View
    private let directory: Directory
    private let scope: Scope
    private let tenant: ID
    private var roles: [String: [String]]?

    init(_ view: View, _ directory: Directory, _ scope: Scope, tenant: ID) {
        self.view = view
        self.directory = directory
        self.scope = scope
        self.tenant = tenant
    }

    /// Why a change is not to count; nil if its author had the right to all of it.
    ///
    /// A machine acts in nobody's name, and a hub has asked before it wrote.
    mutating func denial(of change: ArrivedChange) throws -> String? {
        let origin = change.origin
        guard origin.deviceKind != Certificate.Kind.hub.rawValue, origin.method != .machine else {
            return nil
        }
        let occasion = directory.occasion(at: origin.site, milliseconds: origin.time.milliseconds)
        var asked: Set<RequiredAct> = []
        for operation in change.operations {
            guard let required = RequiredAct(operation, by: origin.user),
                asked.insert(required).inserted
            else { continue }
            guard try !isInAnotherName(required, by: origin.user) else {
                return "policy-denied: \(required.act.permission) is done in one's own name alone"
            }
            let request = try request(required, by: origin.user, at: occasion)
            let lacking = required.acts.map { act in
                var asked = request
                if required.acts.count > 1 { asked.act = act }
                return missing(asked, knownBy: origin.method)
            }
            if let first = lacking.first ?? nil, lacking.allSatisfy({ $0 != nil }) {
                return "policy-denied: \(first)"
            }
        }
        return nil
    }

    /// What a request lacks; nil if it is allowed.
    private func missing(_ request: Policy.Request, knownBy method: Method) -> String? {
        if case .refused(let refusal) = directory.policy.decide(request) { return refusal.why }
        do throws(RuleFault) {
            let trustsLocal = directory.trustsLocal
            try request.act.check(method: method.rawValue, trustsLocal: trustsLocal)
            return nil
        } catch {
            return error.message
        }
    }

    private func isInAnotherName(_ required: RequiredAct, by user: ID) throws -> Bool {
        switch required.context {
        case .inAnotherName: return true
        case .ownPreferences(let id):
            let own = ID(
                naturalKey: [.id(user)],
                of: Preferences.number,
                in: scope,
                tenant: tenant
            )
            return id != own
        default: return false
        }
    }

    private mutating func request(
        _ required: RequiredAct,
        by user: ID,
        at occasion: Occasion
    ) throws -> Policy.Request {
        var request = Policy.Request(required.act, by: user, at: occasion)
        switch required.context {
        case .none, .ownPreferences, .inAnotherName: break
        case .subStage(let slug): request.responsible = try responsible(for: slug)
        case .subStageRecord(let id):
            let row = try view.record(id, of: SubStageNote.entity, in: scope)
            let slug = row?.fields.text(SubStageNote.subStage)
            request.responsible = try slug.map { try responsible(for: $0) } ?? []
        case .task(let code):
            let task = try view.records(of: WorkTask.entity, in: scope).first {
                $0.fields.text(WorkTask.code) == code
            }
            try add(task, to: &request)
        case .taskRecord(let id):
            try add(view.record(id, of: WorkTask.entity, in: scope), to: &request)
        case .entry(let id):
            let entry = try view.event(id, of: HoursEvent.entity, in: scope)
            let owner = entry.flatMap { HoursEvent($0.fields).person }
            request.act = owner == user ? .correctHours : .correctHoursOfOthers
        }
        return request
    }

    private mutating func add(_ task: StoredRecord?, to request: inout Policy.Request) throws {
        let subStage = task?.fields.text(WorkTask.subStage)
        request.responsible = try subStage.map { try responsible(for: $0) } ?? ["production"]
        for element in task?.fields.elements(WorkTask.assignees) ?? [] {
            if case .id(let person) = element { request.assigned.insert(person) }
        }
    }

    /// The roles of a sub-stage, of all stages that seeded it.
    private mutating func responsible(for subStage: String) throws -> [String] {
        if let known = roles { return known[subStage] ?? [] }
        let events = try view.events(of: StageAdvance.entity, in: scope)
        let stages = ProjectStages(Stream(events.map { $0.entry(as: StageAdvance.self) }))
        var read: [String: [String]] = [:]
        for seed in stages.entered.flatMap({ stages.rows(of: $0, steps: [:]) }).map(\.seed) {
            read[seed.slug, default: []] += seed.roles
        }
        roles = read
        return read[subStage] ?? []
    }
}
