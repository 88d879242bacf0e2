import Bytes
import Identity
import SeededRandom
import Testing

@Suite("Sealed")
struct SealedTests {
    private let key = [UInt8](repeating: 3, count: 32)
    private let nonce = [UInt8](repeating: 5, count: 24)
    private let salt = [UInt8](repeating: 9, count: 16)
    private let secret = Array("seed of a device".utf8)

    private func sealed(passphrase: String = "correct horse") throws -> [UInt8] {
        try Sealed.seal(
            secret,
            passphrase: passphrase,
            salt: salt,
            nonce: nonce,
            associated: [1],
            cost: .least
        )
    }

    @Test("what was sealed under a key opens with it, and shows nothing of the secret")
    func roundTripKey() throws {
        let sealed = try Sealed.seal(secret, key: key, nonce: nonce, associated: [1])

        #expect(try Sealed.open(sealed, key: key, associated: [1]) == secret)
        #expect(sealed.count == 2 + 24 + secret.count + 16)
        #expect(!Hex.encode(sealed).contains(Hex.encode(secret)))
        let empty = try Sealed.seal([], key: key, nonce: nonce)
        #expect(try Sealed.open(empty, key: key) == [])
    }

    @Test("what was sealed under a passphrase opens with it and with no other")
    func roundTripPassphrase() throws {
        let sealed = try sealed()

        #expect(
            try Sealed.open(sealed, passphrase: "correct horse", associated: [1]) == secret
        )
        for (passphrase, associated) in [("correct hors", [UInt8(1)]), ("correct horse", [2])] {
            #expect(throws: Sealed.Fault.notAuthentic) {
                try Sealed.open(sealed, passphrase: passphrase, associated: associated)
            }
        }
    }

    @Test("with any bit flipped, any byte cut or a byte added it does not open")
    func everyChange() throws {
        let sealed = try Sealed.seal(secret, key: key, nonce: nonce)
        for bit in 0..<sealed.count * 8 {
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: Sealed.Fault.self, "bit \(bit)") { try Sealed.open(changed, key: key) }
        }
        for count in 0..<sealed.count {
            #expect(throws: Sealed.Fault.self, "\(count) bytes") {
                try Sealed.open(Array(sealed.prefix(count)), key: key)
            }
        }
        #expect(throws: Sealed.Fault.self) { try Sealed.open(sealed + [0], key: key) }
    }

    @Test("with any bit flipped outside its costs a passphrase does not open it")
    func everyChangePassphrase() throws {
        let sealed = try sealed()
        for bit in 0..<sealed.count * 8 where !(16..<80).contains(bit) {
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: Sealed.Fault.self, "bit \(bit)") {
                try Sealed.open(changed, passphrase: "correct horse", associated: [1])
            }
        }
        for count in 0..<sealed.count {
            #expect(throws: Sealed.Fault.self, "\(count) bytes") {
                try Sealed.open(
                    Array(sealed.prefix(count)),
                    passphrase: "correct horse",
                    associated: [1]
                )
            }
        }
    }

    @Test("a file that asks for more than any file of ours is refused before it is paid")
    func costs() throws {
        let sealed = try sealed()
        for (place, byte) in [(2, UInt8(0x80)), (5, 17), (6, 0x41), (6, 0xff)] {
            var changed = sealed
            changed[place] = byte
            #expect(throws: Sealed.Fault.tooCostly) {
                try Sealed.open(changed, passphrase: "correct horse", associated: [1])
            }
        }
        var cheaper = sealed
        cheaper[5] = 2
        #expect(throws: Sealed.Fault.notAuthentic) {
            try Sealed.open(cheaper, passphrase: "correct horse", associated: [1])
        }
    }

    @Test("keys, salts and nonces of another length are refused")
    func lengths() {
        #expect(throws: Sealed.Fault.unreadable) {
            try Sealed.seal(secret, key: [1], nonce: nonce)
        }
        #expect(throws: Sealed.Fault.unreadable) {
            try Sealed.seal(secret, key: key, nonce: [1])
        }
        #expect(throws: Sealed.Fault.unreadable) {
            try Sealed.seal(secret, passphrase: "p", salt: [1], nonce: nonce, cost: .least)
        }
    }

    @Test("a file sealed under a key is not one under a passphrase, nor the other way round")
    func kinds() throws {
        let underKey = try Sealed.seal(secret, key: key, nonce: nonce)
        let underPassphrase = try sealed()

        #expect(throws: Sealed.Fault.unreadable) {
            try Sealed.open(underKey, passphrase: "correct horse")
        }
        #expect(throws: Sealed.Fault.unreadable) { try Sealed.open(underPassphrase, key: key) }
    }

    @Test("random bytes do not open and do not trap")
    func randomBytes() {
        for seed in UInt64(0)..<500 {
            var generator = SplitMix64(seed: seed)
            let bytes = [1, 0] + generator.bytes(generator.below(80))

            #expect(throws: Sealed.Fault.self) { try Sealed.open(bytes, key: key) }
            #expect(throws: Sealed.Fault.self) {
                try Sealed.open(Array(bytes.dropFirst()), passphrase: "p")
            }
        }
    }
}
