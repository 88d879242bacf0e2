import Bytes
public import CRDT
public import Wire

/// A person's session at this node, from an account of the machine.
public struct Login: Hashable, Sendable {
    /// Unique at this device; it stands in every change of the login.
    public let number: UInt64
    public let user: ID
    public internal(set) var method: Wire.Method
    /// Milliseconds since 1970.
    public internal(set) var started: UInt64
    public internal(set) var lastUsed: UInt64
    var lastTicks: Int64
    var boot: ID
    public internal(set) var isLocked = false
    /// Whether something was signed in it with name and secret both (SIG-7).
    public internal(set) var hasSigned = false

    fileprivate static let lockedFlag: UInt8 = 1
    fileprivate static let signedFlag: UInt8 = 2

    /// Whether it lay idle for so long, or the machine was started anew since.
    func isIdle(_ milliseconds: Int64, wall: UInt64, ticks: Ticks?) -> Bool {
        if let ticks, boot != .zero {
            guard ticks.boot == boot else { return true }
            let (idle, overflow) = ticks.milliseconds.subtractingReportingOverflow(lastTicks)
            return overflow || idle >= milliseconds
        }
        return wall < lastUsed || wall - lastUsed >= UInt64(clamping: milliseconds)
    }

    /// Asks for the secret again; what is signed next needs the name too.
    mutating func lock() {
        isLocked = true
        hasSigned = false
    }

    mutating func touch(wall: UInt64, ticks: Ticks?) {
        lastUsed = wall
        lastTicks = ticks?.milliseconds ?? 0
        boot = ticks?.boot ?? .zero
    }
}

/// The logins of one account, of which at most one is active.
struct LoginDesk: Hashable, Sendable {
    static let loginsMax = 32

    var logins: [Login] = []
    /// The number of the active one; 0: none.
    var active: UInt64 = 0

    init() {}

    subscript(user: ID) -> Login? { logins.first { $0.user == user } }

    var current: Login? { logins.first { $0.number == active } }

    mutating func put(_ login: Login) {
        logins.removeAll { $0.user == login.user }
        logins.append(login)
        // Whoever was there longest ago gives way.
        if logins.count > Self.loginsMax { logins.removeFirst() }
        activate(login.number)
    }

    /// Lets a person act; for the others, what was one continuous login ends here (SIG-7).
    mutating func activate(_ number: UInt64) {
        active = number
        for place in logins.indices where logins[place].number != number {
            logins[place].hasSigned = false
        }
    }

    var encoded: [UInt8] {
        var writer = Writer()
        writer.u8(1)
        writer.varint(active)
        writer.varint(UInt64(logins.count))
        for login in logins {
            writer.varint(login.number)
            writer.raw(login.user.bytes)
            writer.u8(login.method.rawValue)
            writer.u64(login.started)
            writer.u64(login.lastUsed)
            writer.zigzag(login.lastTicks)
            writer.raw(login.boot.bytes)
            writer.u8(
                (login.isLocked ? Login.lockedFlag : 0) | (login.hasSigned ? Login.signedFlag : 0)
            )
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        guard try reader.u8("format") == 1 else { throw reader.malformed(.invalid, "format") }
        active = try reader.varint("active")
        for _ in 0..<(try reader.count(atMost: Self.loginsMax, "logins")) {
            let number = try reader.varint("number")
            let user = ID(try reader.raw(16, "user")) ?? .zero
            let method = Wire.Method(rawValue: try reader.u8("method"))
            let started = try reader.u64("started")
            let lastUsed = try reader.u64("used")
            let ticks = try reader.zigzag("ticks")
            let boot = ID(try reader.raw(16, "boot")) ?? .zero
            var login = Login(
                number: number,
                user: user,
                method: method,
                started: started,
                lastUsed: lastUsed,
                lastTicks: ticks,
                boot: boot
            )
            let flags = try reader.u8("flags")
            login.isLocked = flags & Login.lockedFlag != 0
            login.hasSigned = flags & Login.signedFlag != 0
            logins.append(login)
        }
        try reader.end("logins")
    }
}
