// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is held to.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// The same, where pointers live.
let strictMemory = strict + [.strictMemorySafety()]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "gemba",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle.git",
            exact: "2.13.0"
        ),
    ],
    targets: [
        .systemLibrary(
            name: "CSodium",
            pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        .target(name: "Bytes", swiftSettings: strict),
        .target(name: "CRDT", swiftSettings: strict),
        .target(name: "Domain", dependencies: ["CRDT"], swiftSettings: strict),
        .target(name: "Identity", dependencies: ["Bytes", "CSodium"], swiftSettings: strictMemory),
        .target(
            name: "Wire",
            dependencies: ["Bytes", "CRDT", "CZstd", "Identity"],
            swiftSettings: strictMemory
        ),
        .target(
            name: "Storage",
            dependencies: ["Bytes", "CRDT", "CSQLite", "Domain", "Identity", "Wire"],
            swiftSettings: strictMemory
        ),
        .target(
            name: "Sync",
            dependencies: [
                "Bytes", "CRDT", "Domain", "Identity", "Storage", "Wire", lifecycle, logging,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Transports",
            dependencies: ["Bytes", "CRDT", "Identity", "Sync", "Wire", nio, nioPosix],
            swiftSettings: strict
        ),
        .target(
            name: "Node",
            dependencies: [
                "Bytes", "CRDT", "Domain", "Identity", "Storage", "Sync", "Transports", "Wire",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Hub",
            dependencies: [
                "Bytes", "CRDT", "Domain", "Identity", "Node", "Storage", "Sync", "Transports",
                "Wire",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "gemba",
            dependencies: [
                "Bytes", "CRDT", "Domain", "Hub", "Identity", "Node", "Storage", "Sync",
                "Transports", "Wire", arguments, lifecycle, logging,
            ],
            swiftSettings: strict
        ),

        .executableTarget(
            name: "gemba-bench",
            dependencies: [
                "Bytes", "CRDT", "CSQLite", "Domain", "Identity", "Node", "Simulation", "Storage",
                "Sync", "Wire",
            ],
            path: "Tests/Benchmarks",
            swiftSettings: strict
        ),
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
        .target(
            name: "Simulation",
            dependencies: [
                "Bytes", "CRDT", "Domain", "Identity", "SeededRandom", "Storage", "Sync", "Wire",
            ],
            path: "Tests/Simulation",
            swiftSettings: strict
        ),
        .testTarget(
            name: "BytesTests",
            dependencies: ["Bytes", "SeededRandom"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CRDTTests",
            dependencies: ["CRDT", "SeededRandom"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DomainTests",
            dependencies: ["CRDT", "Domain", "SeededRandom"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "IdentityTests",
            dependencies: ["Bytes", "Identity", "SeededRandom"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WireTests",
            dependencies: ["Bytes", "CRDT", "Identity", "SeededRandom", "Wire"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "Bytes", "CRDT", "Domain", "Identity", "SeededRandom", "Simulation", "Storage",
                "Wire",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Bytes", "CRDT", "Domain", "Identity", "SeededRandom", "Simulation", "Storage",
                "Sync", "Wire",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TransportsTests",
            dependencies: [
                "Bytes", "CRDT", "Identity", "SeededRandom", "Sync", "Transports", "Wire", nio,
                nioPosix,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "NodeTests",
            dependencies: [
                "Bytes", "CRDT", "Domain", "Hub", "Identity", "Node", "SeededRandom", "Simulation",
                "Storage", "Sync", "Transports", "Wire",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ProcessTests",
            dependencies: ["SeededRandom", "gemba"],
            swiftSettings: strict
        ),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
