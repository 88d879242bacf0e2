import CRDT

/// What is inspected in a phase, at one version: its items are records of ``QualityItem``.
public enum QualityProcess {
    public static let number: UInt32 = 57
    public static let code: UInt32 = 1
    public static let version: UInt32 = 2
    /// INCOMING, PRE_QC, IN_PROCESS, FINAL_QC or PACKAGING.
    public static let phase: UInt32 = 3
    public static let name: UInt32 = 4
    /// Hundredths of a percent of the required items that must pass; 10000 if absent.
    public static let passThreshold: UInt32 = 5
    public static let estimatedMinutes: UInt32 = 6
    public static let isActive: UInt32 = 7

    public static let entity = Entity(
        number,
        "qc_process",
        in: [.tenant],
        form: .entity(key: [code, version]),
        writer: .hub,
        fields: [
            Field(code, "code", .text, .fixed),
            Field(version, "version", .integer, .fixed),
            Field(phase, "phase", .text, .fixed),
            Field(name, "name", .text, .authority),
            Field(passThreshold, "pass_threshold", .integer, .fixed),
            Field(estimatedMinutes, "estimated_minutes", .integer, .fixed),
            Field(isActive, "is_active", .bool, .authority),
        ]
    )
}

/// One thing that an inspection looks at, and the limits of what it may measure.
public enum QualityItem {
    public static let number: UInt32 = 207
    public static let process: UInt32 = 1
    public static let processVersion: UInt32 = 2
    public static let item: UInt32 = 3
    public static let title: UInt32 = 4
    public static let category: UInt32 = 5
    public static let isRequired: UInt32 = 6
    public static let unit: UInt32 = 7
    /// The least value that passes; none: no lower limit.
    public static let low: UInt32 = 8
    /// The greatest value that passes; none: no upper limit.
    public static let high: UInt32 = 9
    public static let expected: UInt32 = 10
    public static let procedure: UInt32 = 11
    public static let photoRequired: UInt32 = 12

    public static let entity = Entity(
        number,
        "qc_process_item",
        in: [.tenant],
        form: .entity(key: [process, processVersion, item]),
        writer: .hub,
        fields: [
            Field(process, "process", .text, .fixed),
            Field(processVersion, "process_version", .integer, .fixed),
            Field(item, "item", .integer, .fixed),
            Field(title, "title", .text, .fixed),
            Field(category, "category", .text, .fixed),
            Field(isRequired, "is_required", .bool, .fixed),
            Field(unit, "unit", .text, .fixed),
            Field(low, "low", .decimal, .fixed),
            Field(high, "high", .decimal, .fixed),
            Field(expected, "expected", .text, .fixed),
            Field(procedure, "procedure", .text, .fixed),
            Field(photoRequired, "photo_required", .bool, .fixed),
        ]
    )
}
