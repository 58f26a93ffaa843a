// swift-tools-version: 6.2
import PackageDescription

// Benchmarks are a package of their own: their dependencies and peers are none of the product's.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Motet", path: "..")],
    targets: [
        .executableTarget(
            name: "motet-bench",
            dependencies: [.product(name: "MotetEngine", package: "Motet")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
