public import CRDT
public import Domain
public import Storage

// What people type, and what it names. Ids in hexadecimal are always understood.

extension View {
    /// The tenant's own record; nil before the first meeting with the hub.
    public func tenantRecord() throws -> StoredRecord? {
        try records(of: Tenant.entity, in: .tenant).first
    }

    /// The site of a code such as `HCM`.
    ///
    /// - Returns: Its record; ``Site/site`` of it is the key of the site's scope.
    /// - Throws: `.notFound`, also if several have the name.
    public func site(named name: String) throws -> StoredRecord {
        try find(Site.entity, named: name, id: Site.site, by: [Site.code, Site.name])
    }

    /// The person of a user name such as `do.thi.j`, or of an address.
    ///
    /// - Returns: Their record; ``User/user`` of it is the user that changes carry.
    /// - Throws: `.notFound`, also if several have the name.
    public func user(named name: String) throws -> StoredRecord {
        try find(User.entity, named: name, id: User.user, by: [User.username, User.email])
    }

    /// The machine of a name such as `ST-1`.
    ///
    /// - Returns: Its record; ``Device/device`` of it is the device of certificates.
    /// - Throws: `.notFound`, also if several have the name.
    public func device(named name: String) throws -> StoredRecord {
        try find(Device.entity, named: name, id: Device.device, by: [Device.name])
    }

    /// The records of the tenant scope by the text of a field, those without it first.
    public func records(
        of entity: Entity,
        sortedBy field: UInt32
    ) throws -> [StoredRecord] {
        try records(of: entity, in: .tenant)
            .filter { !$0.isDeleted }
            .sorted { ($0.fields.text(field) ?? "", $0.id) < ($1.fields.text(field) ?? "", $1.id) }
    }

    /// The one record of the tenant scope that people call so.
    ///
    /// - Parameters:
    ///   - entity: What is looked for.
    ///   - name: As it was typed; case does not matter.
    ///   - idField: The field that holds the id by which other records name it.
    ///   - fields: The fields that may hold the name.
    /// - Returns: Its record.
    /// - Throws: `.notFound`, also if several have the name.
    public func find(
        _ entity: Entity,
        named name: String,
        id idField: UInt32,
        by fields: [UInt32]
    ) throws -> StoredRecord {
        if let known = try found(entity, called: name) { return known }
        let records = try records(of: entity, in: .tenant).filter { !$0.isDeleted }
        if let id = ID(text: name),
            let found = records.first(where: { $0.fields.id(idField) == id || $0.id == id })
        {
            return found
        }
        var choice = NameChoice<StoredRecord>(entity.name)
        for record in records {
            let id = record.fields.id(idField) ?? record.id
            choice.add(record, names: fields.map(record.fields.text) + ["\(id)"])
        }
        return try choice.only(called: name)
    }

    /// The one record that has a name in an index of names; nil if none has, or several.
    private func found(_ entity: Entity, called name: String) throws -> StoredRecord? {
        guard ID(text: name) == nil else { return nil }
        var found: [ID: StoredRecord] = [:]
        for index in entity.indexes {
            guard case .name = index.parts.first, index.parts.count == 1 else { continue }
            let lookUp = LookUp(index, of: entity, [.text(name)], limit: 2)
            for record in try records(lookUp, in: .tenant).items { found[record.id] = record }
        }
        return found.count == 1 ? found.values.first : nil
    }
}

/// Short names for ids that a page or a line shows, read once.
///
/// A station shows what it holds: an id that it does not know stands as its first eight digits.
public struct Nicknames: Sendable {
    private let users: [ID: String]
    private let sites: [ID: String]
    private let devices: [ID: String]
    /// Whether names stand as marks, to be put in when a row that is kept is shown.
    private let isDeferred: Bool

    /// Gives marks for names: what is made with them holds whatever people are called later.
    static let deferred = Nicknames()

    private init() {
        (users, sites, devices) = ([:], [:], [:])
        isDeferred = true
    }

    /// Reads them again only once the tenant's records changed.
    public init(_ view: View) throws {
        self = try view.kept("names", of: .tenant) { try Nicknames(reading: view) }
    }

    private init(reading view: View) throws {
        func names(_ entity: Entity, _ id: UInt32, _ name: UInt32) throws -> [ID: String] {
            let pairs = try view.records(of: entity, in: .tenant).compactMap { record in
                record.fields.id(id).flatMap { id in record.fields.text(name).map { (id, $0) } }
            }
            return Dictionary(pairs) { first, _ in first }
        }
        users = try names(User.entity, User.user, User.username)
        sites = try names(Site.entity, Site.site, Site.code)
        devices = try names(Device.entity, Device.device, Device.name)
        isDeferred = false
    }

    /// `do.thi.j`; `-` for the machine itself.
    public func user(_ id: ID) -> String {
        if isDeferred { return Self.mark("u", id) }
        return id == .zero ? "-" : users[id] ?? Self.short(id)
    }

    /// The name of a person, site or device; nil for any other id.
    func name(_ id: ID) -> String? {
        isDeferred ? Self.mark("n", id) : users[id] ?? sites[id] ?? devices[id]
    }

    /// `HCM`; `-` for none.
    public func site(_ id: ID) -> String {
        if isDeferred { return Self.mark("s", id) }
        return id == .zero ? "-" : sites[id] ?? Self.short(id)
    }

    /// `ST-1`.
    public func device(_ id: ID) -> String {
        isDeferred ? Self.mark("d", id) : devices[id] ?? Self.short(id)
    }

    /// No text that a person wrote begins so: what is typed holds no controls.
    private static let markStart = "\u{1}"

    private static func mark(_ kind: Character, _ id: ID) -> String { "\(markStart)\(kind)\(id)" }

    /// The text with the name in the place of a mark; any other text as it is.
    func resolved(_ text: String) -> String {
        guard text.hasPrefix(Self.markStart), let id = ID(text: text.dropFirst(2)) else {
            return text
        }
        switch text.dropFirst().first {
        case "u": return user(id)
        case "s": return site(id)
        case "d": return device(id)
        case "n": return name(id) ?? "\(id)"
        default: return text
        }
    }

    /// The first sixteen digits of the id of an event: its time, by which it is found again.
    ///
    /// Of those of one minute the first eight are the same.
    public static func event(_ id: ID) -> String { String(id.description.prefix(16)) }

    /// The first eight digits of an id: enough to find it again among a few.
    public static func short(_ id: ID) -> String { String(id.description.prefix(8)) }
}
