public import CRDT
import Domain
import Foundation
public import Identity
import Node
public import Storage
import Wire

/// Everything that brings a tenant into being: its root, its operator, the hub's own certificate,
/// and the first records.
///
/// The root key is made here and kept nowhere: it goes into a recovery file, or is forgotten.
///
/// - Source: ID-3 to ID-8.
public struct TenantFounding: Sendable {
    /// What the person who founds the tenant decides.
    public struct Request: Hashable, Sendable {
        public var tenantName: String
        /// Two to eight letters, digits or hyphens, such as HCM.
        public var siteCode: String
        /// A name of the tz database; nil: the site's clocks show UTC.
        public var timezone: String?
        /// The address of the first administrator.
        public var adminEmail: String
        /// What the hub calls itself.
        public var hubName: String
        /// Whether stations accept a person by name alone.
        public var trustsLocal: Bool

        public init(
            tenantName: String,
            siteCode: String,
            timezone: String? = nil,
            adminEmail: String,
            hubName: String,
            trustsLocal: Bool
        ) {
            self.tenantName = tenantName
            self.siteCode = siteCode
            self.timezone = timezone
            self.adminEmail = adminEmail
            self.hubName = hubName
            self.trustsLocal = trustsLocal
        }
    }

    /// What the hub's store begins with.
    public let founding: Founding
    public let root: SigningKey
    public let site: ID
    public let admin: ID
    public let request: Request
    private let wallMilliseconds: UInt64

    /// How long the operator and the hub's own certificate hold.
    static let validityMilliseconds: UInt64 = 400 * 86_400_000
    /// Certificates hold from a day before they are made, for devices whose clocks are behind.
    static let leewayMilliseconds: UInt64 = 86_400_000

    /// Makes keys, statements and ids.
    ///
    /// - Throws: `.badInput` for a name, code or address that is none.
    public init(_ request: Request, wallMilliseconds: UInt64, chance: Chance) throws {
        try request.check()
        guard let root = SigningKey(seed: chance.bytes(32)),
            let operatorKey = SigningKey(seed: chance.bytes(32)),
            let log = SigningKey(seed: chance.bytes(32)),
            let sign = SigningKey(seed: chance.bytes(32)),
            let channel = ChannelKey(secret: chance.bytes(32))
        else { throw CommandFault(.damaged, "keys cannot be made of these random bytes") }
        self.request = request
        self.root = root
        self.wallMilliseconds = wallMilliseconds
        site = chance.id
        admin = chance.id
        let keys = DeviceKeys(sign: sign, channel: channel, operator: operatorKey, log: log)
        founding = try Self.founding(
            device: chance.id,
            keys: keys,
            root: root,
            wallMilliseconds: wallMilliseconds
        )
    }

    private static func founding(
        device: ID,
        keys: DeviceKeys,
        root: SigningKey,
        wallMilliseconds: UInt64
    ) throws -> Founding {
        let rootStatement = RootStatement(
            number: 1,
            threshold: 1,
            keys: [root.publicKey],
            previous: .zero,
            issued: wallMilliseconds
        )
        var authority = try AuthorityLog(roots: [Cosigned(signing: rootStatement, with: [root])])
        let certificate = try authority.install(
            keys,
            of: device,
            by: root,
            wallMilliseconds: wallMilliseconds
        )
        return Founding(
            device: device,
            authority: authority,
            certificate: certificate,
            keys: keys
        )
    }
}

extension TenantFounding.Request {
    func check() throws {
        func isShort(_ text: String) -> Bool { (1...255).contains(text.utf8.count) }
        guard isShort(tenantName) else {
            throw CommandFault(.badInput, "a tenant's name has 1 to 255 bytes")
        }
        guard (2...8).contains(siteCode.count), siteCode.allSatisfy(Self.isCodeLetter)
        else { throw CommandFault(.badInput, "a site's code is 2 to 8 letters, digits or hyphens") }
        guard timezone.map({ TimeZone(identifier: $0) != nil }) ?? true else {
            throw CommandFault(.badInput, "no time zone is called \(timezone ?? "")")
        }
        guard isShort(adminEmail), (try? EmailAddress(typed: adminEmail)) != nil else {
            throw CommandFault(.badInput, "\(adminEmail) is not an address")
        }
    }

    private static func isCodeLetter(_ letter: Character) -> Bool {
        letter.isASCII && (letter.isLetter || letter.isNumber || letter == "-")
    }
}

// MARK: - Records

extension TenantFounding {
    /// The role that founders hold.
    static let adminRole = "admin"

    /// The tenant, its first site, the hub as a device, the roles of the catalogue, and the
    /// administrator with one.
    public var records: Draft {
        let tenant = founding.authority.tenant
        var draft = Draft()
        func add(_ entity: Entity, _ fill: (inout FieldValues) -> Void) {
            var values = FieldValues()
            fill(&values)
            let operation = Operation(creating: entity, values, in: .tenant, tenant: tenant)
            _ = draft.add(operation, in: .tenant)
        }
        add(Tenant.entity) { values in
            values.set(Tenant.tenant, tenant)
            values.set(Tenant.name, request.tenantName)
            values.set(Tenant.trustsLocal, request.trustsLocal)
            values.set(Tenant.isActive, true)
        }
        add(Site.entity) { values in
            values.set(Site.site, site)
            values.set(Site.code, request.siteCode)
            values.set(Site.name, request.siteCode)
            values.set(Site.timezone, request.timezone)
            values.set(Site.isActive, true)
        }
        add(Device.entity) { values in
            values.set(Device.device, founding.device)
            values.set(Device.kind, "hub")
            values.set(Device.name, request.hubName)
            values.set(Device.status, "active")
        }
        add(User.entity) { values in
            let username = request.adminEmail.prefix { $0 != "@" }.lowercased()
            values.set(User.user, admin)
            values.set(User.username, username)
            values.set(User.displayName, username)
            values.set(User.email, request.adminEmail)
            values.set(User.status, "active")
        }
        for role in RoleCatalogue.entries {
            add(Role.entity) { values in
                values.set(Role.code, role.code)
                values.set(Role.name, role.name)
                values.set(Role.parent, role.parent)
                values.set(Role.isActive, true)
                values.set(Role.level, 1 as Int64)
            }
        }
        add(Membership.entity) { values in
            values.set(Membership.user, admin)
            values.set(Membership.role, Self.adminRole)
            let today = CalendarDay.text(milliseconds: wallMilliseconds)
            values.set(Membership.effectiveFrom, today)
            values.set(Membership.level, 3)
        }
        return draft
    }
}
