import Bytes
import Testing

/// Cuts bytes at every place and flips every bit: a reader refuses, or reads what came.
///
/// What it reads writes itself back as it came, so it never reads one thing out of two encodings;
/// and it never traps. A step of 1 flips every bit, one of 8 one bit of each byte, where keys make
/// reading slow. `reencoded` reads bytes and writes again what was read.
func expectOneEncoding(
    _ bytes: [UInt8],
    mayEndEarly: Bool = false,
    step: Int = 1,
    _ reencoded: ([UInt8]) throws -> [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect((try? reencoded(bytes)) == bytes, sourceLocation: sourceLocation)
    for count in bytes.indices {
        let cut = Array(bytes[..<count])
        let read = try? reencoded(cut)
        if read != nil, !mayEndEarly || read != cut {
            Issue.record("read what ends at \(count)", sourceLocation: sourceLocation)
        }
    }
    if !mayEndEarly, (try? reencoded(bytes + [0])) != nil {
        Issue.record("read trailing bytes", sourceLocation: sourceLocation)
    }
    for index in bytes.indices {
        for bit in stride(from: index % step, to: 8, by: step) {
            var mutated = bytes
            mutated[index] ^= 1 << UInt8(bit)
            if let read = try? reencoded(mutated), read != mutated {
                Issue.record(
                    "bit \(bit) of byte \(index) is read in two ways",
                    sourceLocation: sourceLocation
                )
            }
        }
    }
}
