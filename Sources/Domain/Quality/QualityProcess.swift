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
    /// The numbers of its items, so that none is added later; absent in older plans.
    public static let items: UInt32 = 8
    /// The slugs of the stages and sub-stages that it holds until it has passed.
    public static let holds: UInt32 = 9
    /// The part number of the assembly that it is for; none: for all.
    public static let assembly: UInt32 = 10

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
            Field(items, "items", .list, .fixed),
            Field(holds, "holds", .text, .set),
            Field(assembly, "assembly", .text, .fixed),
        ],
        searched: [
            Searched(name, .name), Searched(code, .number),
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
    /// One of ``ItemDefinition/Kind``.
    public static let kind: UInt32 = 13
    /// What is wanted; the limits are written beside it.
    public static let nominal: UInt32 = 14
    /// Whether a value that equals the lower limit fails.
    public static let excludesLow: UInt32 = 15
    /// Whether a value that equals the upper limit fails.
    public static let excludesHigh: UInt32 = 16
    /// How many of a lot are looked at; 1 if absent.
    public static let sampleSize: UInt32 = 17
    /// Failed samples that the item still passes with; 0 if absent.
    public static let acceptNumber: UInt32 = 18
    public static let documentRequired: UInt32 = 19
    public static let signatureRequired: UInt32 = 20
    public static let tools: UInt32 = 21

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
            Field(kind, "item_type", .text, .fixed),
            Field(nominal, "nominal", .decimal, .fixed),
            Field(excludesLow, "excludes_low", .bool, .fixed),
            Field(excludesHigh, "excludes_high", .bool, .fixed),
            Field(sampleSize, "sample_size", .integer, .fixed),
            Field(acceptNumber, "accept_number", .integer, .fixed),
            Field(documentRequired, "document_required", .bool, .fixed),
            Field(signatureRequired, "signature_required", .bool, .fixed),
            Field(tools, "tools", .text, .set),
        ],
        indexes: [byProcess],
        searched: [
            Searched(title, .name), Searched(procedure, .description),
        ]
    )

    /// The items of a process at a version.
    public static let byProcess = Index(1, "process", [.value(process), .value(processVersion)])
}
