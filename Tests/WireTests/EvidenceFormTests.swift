import Bytes
import Testing

@testable import Wire

@Suite("Forms of evidence")
struct EvidenceFormTests {
    @Test("base64 has one form of any bytes, and no other is read")
    func base64() {
        let pairs: [(String, [UInt8])] = [
            ("", []), ("Zg==", [0x66]), ("Zm8=", [0x66, 0x6f]), ("Zm9v", [0x66, 0x6f, 0x6f]),
            ("+/+/", [0xfb, 0xff, 0xbf]),
        ]
        for (text, bytes) in pairs {
            #expect(Base64.encode(bytes) == text)
            #expect(Base64.decode(text.utf8) == bytes)
        }
        for text in [
            "Zg", "Zg=", "Zh==", "Zm9=", "Zm8", "Z===", "====", "Zg==Zg==", "Zm 8", "_-_-",
        ] {
            #expect(Base64.decode(text.utf8) == nil, "\(text)")
        }
    }

    @Test("an archive is read in the one form it is written in")
    func archive() throws {
        let files = [
            Ustar.File("a/b.csv", []), Ustar.File("README.txt", Array("hello".utf8)),
            Ustar.File("x", [UInt8](repeating: 9, count: 512)),
        ]
        let archive = Ustar.encode(files)
        #expect(try Ustar.decode(archive) == files)
        #expect(archive.count.isMultiple(of: 512))
        for place in archive.indices {
            var other = archive
            other[place] ^= 0x20
            let read = try? Ustar.decode(other)
            #expect(read != files, "byte \(place)")
        }
    }

    @Test("times of the audit read as ISO 8601 does")
    func times() {
        #expect(EvidenceEntry.time(0) == "1970-01-01T00:00:00.000Z")
        #expect(EvidenceEntry.time(951_782_399_999) == "2000-02-28T23:59:59.999Z")
        #expect(EvidenceEntry.time(951_782_400_000) == "2000-02-29T00:00:00.000Z")
        #expect(EvidenceEntry.time(1_795_262_400_000) == "2026-11-21T12:00:00.000Z")
        #expect(EvidenceEntry.time(0xffff_ffff_ffff) == "10889-08-02T05:31:50.655Z")
    }
}
