import CRDT
public import Domain
public import Storage

extension LocalNode {
    /// What holds for logins in the tenant.
    public func loginSettings() throws -> [(setting: LoginRules.Setting, value: Int64)] {
        let tenant = try read { try $0.tenantRecord()?.fields } ?? Fields([:])
        return LoginRules.Setting.allCases.map { ($0, $0.value(tenant)) }
    }

    /// Sets what holds for logins in the tenant, as a hub.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `outOfRange`; `.usage` if nothing is set.
    /// - Source: DOM-278.
    public func setLoginSettings(
        _ values: [(setting: LoginRules.Setting, value: Int64)],
        by actor: Actor
    ) throws {
        guard !values.isEmpty else {
            throw CommandFault(.usage, "say what to set: --idle-minutes N", reason: "no-edit")
        }
        for (setting, value) in values { try setting.check(value) }
        try actOnDirectory(.setLoginRules, by: actor) { view, _, changes in
            guard let record = try view.tenantRecord() else {
                throw CommandFault(.damaged, "the tenant has no record")
            }
            let writes = values.map { ($0.setting.field, Value.integer($0.value)) }
            changes.add(record.writing(writes), in: .tenant)
        }
    }
}
