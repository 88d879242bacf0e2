import Bytes
import SeededRandom
import Testing

@Suite("Base32")
struct Base32Tests {
    @Test(
        "RFC 4648 section 10, in lower case and without padding",
        arguments: [
            ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"), ("foobar", "mzxw6ytboi"),
        ]
    )
    func vectors(plain: String, letters: String) {
        #expect(Base32.encode(Array(plain.utf8)) == letters)
        #expect(Base32.decode(letters) == Array(plain.utf8))
        #expect(Base32.decode(letters.uppercased()) == Array(plain.utf8))
    }

    @Test("every byte string reads back, and every text that reads is written back")
    func roundTrips() {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        for seed in UInt64(0)..<500 {
            var generator = SplitMix64(seed: seed)
            let bytes = generator.bytes(generator.below(40))
            let text = String((0..<generator.below(9)).map { _ in alphabet[generator.below(32)] })

            #expect(Base32.decode(Base32.encode(bytes)) == bytes, "SEED=\(seed)")
            if let read = Base32.decode(text) {
                #expect(Base32.encode(read) == text, "SEED=\(seed)")
            }
        }
    }

    @Test(
        "left-over bits, impossible lengths and foreign letters are refused",
        arguments: ["mz", "a", "mzx", "mzxw6y", "m1", "m8", "my==", "m y", "mý", "mzxr"]
    )
    func refusals(text: String) {
        #expect(Base32.decode(text) == nil)
    }
}

@Suite("Hex")
struct HexTests {
    @Test("bytes are two lower-case digits each and read back in either case")
    func roundTrips() {
        let bytes = (0...255).map { UInt8($0) }

        #expect(Hex.encode([0x00, 0x9a, 0xff]) == "009aff")
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
        #expect(Hex.decode("") == [])
    }

    @Test("half a byte and anything but digits are refused", arguments: ["0", "0g", " 00", "é"])
    func refusals(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
