/// A small seeded generator: the same seed gives the same run, everywhere.
///
/// - Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    /// A number below `bound`, which is above zero.
    ///
    /// A remainder, although small numbers are then a little likelier: unlike `Int.random`, whose
    /// method the library may change, it gives a recorded seed the same run for ever.
    public mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// Whether something happens that does so in `part` of `whole` cases; percents by default.
    public mutating func happens(_ part: Int, in whole: Int = 100) -> Bool {
        below(whole) < part
    }

    /// Random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Some of the items, each by chance.
    public mutating func some<Item>(of items: [Item]) -> [Item] {
        items.filter { _ in happens(1, in: 2) }
    }
}
