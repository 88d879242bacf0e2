import CRDT
import Identity
import Testing
import Wire

@Suite("Join token")
struct JoinTokenTests {
    private let tenant = ID(high: 0x0102_0304, low: 5)
    private let secret = [UInt8](1...16)

    @Test("a token is one line of text that reads back (ID-13)")
    func roundTrip() throws {
        let token = try required(
            JoinToken(tenant: tenant, secret: secret, address: "hub.example:7400")
        )

        #expect(token.text.hasPrefix("gemba1"))
        #expect(token.text.count == 6 + 56 + 1 + 16)
        #expect(JoinToken(text: token.text) == token)
        #expect(JoinToken(text: token.text.uppercased())?.secret == secret)
        #expect(!"\(token)".contains(token.text.dropFirst(6).prefix(20)))
    }

    @Test("a typing error in any letter is found")
    func typingErrors() throws {
        let token = try required(JoinToken(tenant: tenant, secret: secret, address: "[::1]:7400"))
        let letters = Array(token.text)

        for index in 0..<62 {
            var wrong = letters
            wrong[index] = wrong[index] == "b" ? "c" : "b"
            #expect(JoinToken(text: String(wrong)) == nil)
        }
    }

    @Test(
        "an address is a host and a port",
        arguments: [
            "", "host", "host:", ":7400", "host:0", "host:65536", "host:07", "a b:1", "ä:1",
        ]
    )
    func addresses(address: String) throws {
        #expect(JoinToken(tenant: tenant, secret: secret, address: address) == nil)
    }

    @Test("a secret has 16 bytes")
    func secrets() {
        #expect(JoinToken(tenant: tenant, secret: [], address: "h:1") == nil)
        #expect(JoinToken(tenant: tenant, secret: secret + [0], address: "h:1") == nil)
    }

    @Test("id and key come from the secret, and neither tells the other")
    func derived() throws {
        let token = try required(JoinToken(tenant: tenant, secret: secret, address: "h:1"))

        #expect(token.id == Blake2b.hash(Array("gemba/join-id/1".utf8), length: 16, key: secret))
        #expect(token.presharedKey.count == 32)
        #expect(!token.presharedKey.starts(with: token.id))
    }
}
