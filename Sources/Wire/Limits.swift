/// Every bound of the protocol on something that a stranger can make large.
///
/// Part of the contract: raising or lowering one makes nodes disagree about what is admissible.
///
/// - Source: ENC-9 in `protocol/encoding.md`, where each has its reason.
public enum Limits {
    public static let textBytesMax = 65_536
    public static let bytesValueMax = 65_536
    public static let unknownBytesMax = 65_536
    public static let listItemsMax = 32
    public static let decimalScaleMax = 18
    public static let mapKeyBytesMax = 255
    public static let namesMax = 256
    public static let editsMax = 256
    public static let operationsMax = 16_384
    public static let bodyBytesMax = 1_048_576
    public static let runChangesMax = 128
    public static let runBytesMax = 262_144
    public static let chunkItemsMax = 256
    public static let chunkBodyBytesMax = 2_097_152
    public static let frameBytesMax = 4_194_304
    public static let counterDeltaMax: Int64 = 1 << 53
    public static let frontierTipsMax = 4_096
    public static let branchesMax = 8
    public static let unacknowledgedChunksMax = 8
    public static let unacknowledgedBytesMax = 4_194_304
    public static let referencesMax = 65_535
    public static let streamsMax = 16
    public static let streamReferencesMax = 1_024
    public static let streamPrefixBytesMax = 4_096
    public static let rootKeysMax = 16
    public static let certificateUsersMax = 256
    public static let certificateBytesMax = 8_192
    public static let payloadBytesMax = 8_192
    public static let credentialsRootsMax = 8
    public static let frameRootsMax = 16
    public static let frameStatementsMax = 256
    public static let frameRangesMax = 256
    public static let rangeItemsMax = 64
    public static let frameFrontiersMax = 256
    public static let softwareBytesMax = 64
    public static let byeBytesMax = 255
    public static let joinRequestBytesMax = 512
    public static let labelBytesMax = 64
}
