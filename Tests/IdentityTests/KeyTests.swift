import Bytes
import Foundation
import Identity
import SeededRandom
import Testing

@Suite("Keys")
struct KeyTests {
    private func bytes(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }

    @Test(
        "RFC 8032 section 7.1: keys and signatures byte for byte, and no other message verifies",
        arguments: [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                    + "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
                    + "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
                    + "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
            ),
        ]
    )
    func rfc8032(seed: String, publicKey: String, message: String, signature: String) throws {
        try checkSignature(seed, publicKey, message, signature)
    }

    @Test(
        "RFC 8032 vectors of the file, the long message among them",
        .enabled(if: Vectors.file("rfc8032_7_1_ed25519.json") != nil)
    )
    func rfc8032File() throws {
        struct File: Decodable {
            struct Vector: Decodable { let seed, pk, msg, sig: String }
            let vectors: [Vector]
        }
        let url = try #require(Vectors.file("rfc8032_7_1_ed25519.json"))
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))

        #expect(file.vectors.count == 5)
        for vector in file.vectors {
            try checkSignature(vector.seed, vector.pk, vector.msg, vector.sig)
        }
    }

    private func checkSignature(
        _ seed: String,
        _ publicKey: String,
        _ message: String,
        _ signature: String
    ) throws {
        let key = try #require(SigningKey(seed: try bytes(seed)))
        let signed = try bytes(signature)
        let text = try bytes(message)

        #expect(key.publicKey.bytes == (try bytes(publicKey)))
        #expect(key.sign(text) == signed)
        #expect(key.publicKey.isValid(signed, for: text))
        #expect(!key.publicKey.isValid(signed, for: text + [0]))
        #expect(!key.publicKey.isValid(signed + [0], for: text))
        #expect(!key.publicKey.isValid([], for: text))
    }

    @Test("a signature with any bit flipped is not valid")
    func flippedSignatures() throws {
        let key = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        let signature = key.sign([1, 2, 3])

        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!key.publicKey.isValid(changed, for: [1, 2, 3]), "bit \(bit)")
        }
    }

    @Test(
        "ID-2 no signing key of small or mixed order, off the curve, or not canonical",
        arguments: [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "b154bd62188ae283dd187fefe8c31f5e276edf083b4cff11c9d5cff856c74440",
            "0300000000000000000000000000000000000000000000000000000000000000",
            "0200000000000000000000000000000000000000000000000000000000000000",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751",
        ]
    )
    func refusedSigningKeys(key: String) throws {
        #expect(VerifyingKey(try bytes(key)) == nil)
    }

    @Test(
        "ID-2 no channel key that gives an all-zero result, and none of another length",
        arguments: [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "09",
            "",
        ]
    )
    func refusedChannelKeys(key: String) throws {
        #expect(!ChannelKey.isAdmissible(try bytes(key)))
    }

    @Test("two channel keys share one secret, and secrets have exactly 32 bytes")
    func channelKeys() throws {
        let one = try #require(ChannelKey(secret: [UInt8](repeating: 1, count: 32)))
        let two = try #require(ChannelKey(secret: [UInt8](repeating: 2, count: 32)))

        #expect(one.shared(with: two.publicKey) == two.shared(with: one.publicKey))
        #expect(one.shared(with: two.publicKey) != nil)
        #expect(ChannelKey.isAdmissible(one.publicKey))
        #expect(ChannelKey(secret: [1]) == nil)
        #expect(SigningKey(seed: [1]) == nil)
    }

    @Test("no secret is printed")
    func descriptions() throws {
        let signing = try #require(SigningKey(seed: [UInt8](repeating: 0xab, count: 32)))
        let channel = try #require(ChannelKey(secret: [UInt8](repeating: 0xab, count: 32)))

        for text in ["\(signing)", "\(channel)", String(reflecting: signing)] {
            #expect(!text.contains("abab") && !text.contains("171"))
        }
        #expect(String(reflecting: channel) == "ChannelKey")
    }
}

@Suite("BLAKE2b")
struct Blake2bTests {
    @Test("RFC 7693 appendix A and answers of another program, all lengths and keys in use")
    func knownAnswers() {
        let long = (0...4).flatMap { _ in (0...255).map { UInt8($0) } }
        let key = (0..<64).map { UInt8($0) }
        let abc = Array("abc".utf8)

        #expect(
            Hex.encode(Blake2b.hash(abc, length: 64))
                == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
        )
        #expect(
            Hex.encode(Blake2b.hash256([]))
                == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
        )
        #expect(
            Hex.encode(Blake2b.hash256(abc))
                == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
        )
        #expect(
            Hex.encode(Blake2b.hash256(long))
                == "82628cbfc9689e234b0923a531f4578fe2e7138a03e2f81ed6cde97517336650"
        )
        #expect(
            Hex.encode(Blake2b.hash(Array(long.prefix(255)), length: 64, key: key))
                == "142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e9248"
                + "4be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461"
        )
    }

    @Test("ID-13 the keyed hashes of a join token, as another program computes them")
    func tokenKeys() {
        let secret = (0..<16).map { UInt8($0) }
        let id = Blake2b.hash(Array("gemba/join-id/1".utf8), length: 16, key: secret)
        let preshared = Blake2b.hash(Array("gemba/join-psk/1".utf8), length: 32, key: secret)

        #expect(Hex.encode(id) == "0fa8f9b88f14bc51d2e7066fdc622a9e")
        #expect(
            Hex.encode(preshared)
                == "6ec4a84eae949a586dce28d56e65134ea3c52150d0b0434bb87cb563de0cda36"
        )
    }

    @Test("bytes in pieces hash as the whole does")
    func pieces() {
        var generator = SplitMix64(seed: 4)
        for _ in 0..<100 {
            let bytes = generator.bytes(generator.below(400))
            let cut = generator.below(bytes.count + 1)
            let key = generator.bytes(generator.below(65))
            var stream = Blake2b.Stream(length: 32, key: key)
            stream.update(Array(bytes[..<cut]))
            stream.update(Array(bytes[cut...]))

            #expect(stream.finish() == Blake2b.hash(bytes, length: 32, key: key))
        }
    }
}

@Suite("Proquint")
struct ProquintTests {
    @Test(
        "the words of the paper's addresses",
        arguments: [
            ([127, 0, 0, 1], ["lusab", "babad"]), ([63, 84, 220, 193], ["gutih", "tugad"]),
            ([140, 98, 193, 141], ["mudof", "sakat"]), ([12, 110, 110, 204], ["budov", "kuras"]),
            ([198, 81, 129, 136], ["sinid", "makam"]), ([255, 255], ["zuzuz"]), ([1], []), ([], []),
        ] as [([UInt8], [String])]
    )
    func words(bytes: [UInt8], expected: [String]) {
        #expect(Proquint.words(bytes) == expected)
    }

    @Test("two bytes make one word, and no other two make the same")
    func unique() {
        let words = (0...UInt16.max).map { Proquint.words([UInt8($0 >> 8), UInt8($0 & 255)])[0] }

        #expect(Set(words).count == 65_536)
    }

    @Test("ID-16 a handshake is shown as six words of its first twelve bytes")
    func handshake() {
        let hash = [UInt8](repeating: 0, count: 12) + [UInt8](repeating: 255, count: 52)

        #expect(Proquint.words(ofHandshake: hash) == "babab-babab-babab-babab-babab-babab")
    }
}

@Suite("Equality in constant time")
struct ConstantTimeTests {
    @Test("equal bytes are equal, and nothing else is")
    func equality() {
        #expect(isEqualInConstantTime([1, 2], [1, 2]))
        #expect(isEqualInConstantTime([], []))
        #expect(!isEqualInConstantTime([1, 2], [1, 3]))
        #expect(!isEqualInConstantTime([1, 2], [3, 2]))
        #expect(!isEqualInConstantTime([1], [1, 0]))
    }
}
