import CRDT
import Identity

/// The definitions of RFC 6962, 2.1, as they are written there: slow, and plainly right.
enum NaiveTree {
    static func leaf(_ bytes: [UInt8]) -> [UInt8] { SHA256.hash([0x00] + bytes) }

    static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        if leaves.isEmpty { return SHA256.hash([]) }
        if leaves.count == 1 { return leaves[leaves.startIndex] }
        let (left, right) = parts(leaves)
        return SHA256.hash([0x01] + root(left) + root(right))
    }

    static func path(_ index: Int, _ leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
        if leaves.count == 1 { return [] }
        let (left, right) = parts(leaves)
        return index < left.count
            ? path(index, left) + [root(right)]
            : path(index - left.count, right) + [root(left)]
    }

    static func proof(_ earlier: Int, _ leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
        subproof(earlier, leaves, true)
    }

    private static func subproof(
        _ earlier: Int,
        _ leaves: ArraySlice<[UInt8]>,
        _ isKnown: Bool
    ) -> [[UInt8]] {
        if earlier == leaves.count { return isKnown ? [] : [root(leaves)] }
        let (left, right) = parts(leaves)
        return earlier <= left.count
            ? subproof(earlier, left, isKnown) + [root(right)]
            : subproof(earlier - left.count, right, false) + [root(left)]
    }

    private static func parts(
        _ leaves: ArraySlice<[UInt8]>
    ) -> (ArraySlice<[UInt8]>, ArraySlice<[UInt8]>) {
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        return (leaves.prefix(half), leaves.dropFirst(half))
    }
}
