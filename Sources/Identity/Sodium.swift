import CSodium

/// The one door to libsodium, opened before anything else of it is used.
enum Sodium {
    /// Whether the library is ready: it picks its implementations and seeds itself once a process.
    static let isReady: Bool = sodium_init() >= 0

    /// Checks that the library is ready.
    static func require() {
        precondition(isReady, "libsodium could not be initialised on this machine")
    }
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
public func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(left, right) {
        difference |= a ^ b
    }
    return difference == 0
}
