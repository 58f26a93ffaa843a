// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Arrow C++ has no Debian package: `scripts/setup.sh` puts its headers and libraries (of a system
// install, else of the pyarrow wheel) under `.deps/arrow`, which git ignores.
let dependencies = Context.packageDirectory + "/.deps"
if !FileManager.default.fileExists(atPath: dependencies + "/arrow/include/arrow/api.h") {
    fatalError("Arrow C++ is not set up under .deps/arrow. Run scripts/setup.sh first (make does).")
}

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library target of the package, with the settings all of them share.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of a library target.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name), "MotetTestSupport"] + dependencies,
        swiftSettings: strict
    )
}

let package = Package(
    name: "Motet",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Motet", targets: ["Motet"]),
        // What benchmarks measure below the umbrella.
        .library(
            name: "MotetEngine",
            targets: [
                "MotetCore", "MotetGraph", "MotetOneDNN", "MotetNN", "MotetOptimizers",
                "MotetMultiTask", "MotetData", "MotetEncoders", "MotetRecommenders",
                "MotetTraining",
                "COneDNN",
            ]
        ),
        .executable(name: "motet", targets: ["motet-cli"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // The server: HTTP, its logs, its start and stop.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            from: "2.28.1",
            traits: []
        ),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C and C++ underneath.
        .target(name: "CLAPACK", linkerSettings: [.linkedLibrary("lapacke")]),
        .target(name: "CHNSW"),
        .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
        .target(name: "CRedis", linkerSettings: [.linkedLibrary("hiredis")]),
        .target(
            name: "CImages",
            linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg"), .linkedLibrary("z")]
        ),
        .target(name: "CKernels", linkerSettings: [.linkedLibrary("gomp")]),
        .target(
            name: "CArrow",
            cxxSettings: [.unsafeFlags(["-isystem", dependencies + "/arrow/include"])],
            linkerSettings: [
                .unsafeFlags([
                    "-L" + dependencies + "/arrow/lib",
                    "-Xlinker", "-rpath", "-Xlinker", dependencies + "/arrow/lib",
                ]),
                .linkedLibrary("arrow"), .linkedLibrary("arrow_dataset"),
                .linkedLibrary("arrow_compute"), .linkedLibrary("parquet"),
            ]
        ),

        // The engine.
        library("MotetCore"),
        library("MotetGraph", ["MotetCore"]),
        library("MotetReference", ["MotetCore", "MotetGraph"]),
        library("MotetOneDNN", ["MotetCore", "MotetGraph", "COneDNN", "CKernels"]),
        library("MotetNN", ["MotetCore", "MotetGraph"]),
        library("MotetOptimizers", ["MotetCore", "MotetGraph"]),
        library("MotetMultiTask", ["MotetCore", "MotetGraph", "CLAPACK"]),

        // Data, models, training.
        library("MotetMetrics", ["MotetCore"]),
        library("MotetReports"),
        library("MotetData", ["MotetCore", "CArrow", "CImages", "CKernels"]),
        library("MotetRecommenders", ["MotetCore", "MotetGraph", "MotetNN", "MotetData"]),
        library("MotetEncoders", ["MotetCore", "MotetGraph", "MotetNN", "MotetData"]),
        library(
            "MotetTraining",
            [
                "MotetCore", "MotetGraph", "MotetNN", "MotetOptimizers", "MotetMultiTask",
                "MotetMetrics", "MotetData",
            ]
        ),
        library("MotetConfiguration", ["MotetCore", .product(name: "Yams", package: "Yams")]),
        library(
            "MotetExperiments",
            [
                "MotetCore", "MotetGraph", "MotetNN", "MotetOptimizers", "MotetMultiTask",
                "MotetMetrics", "MotetData", "MotetRecommenders", "MotetTraining",
                "MotetConfiguration", "MotetFeatures", "MotetReports", "MotetDecisions",
            ]
        ),
        library("MotetSimulation", ["MotetCore", "MotetData", "MotetConfiguration"]),
        library("MotetFeatures", ["MotetCore", "MotetData", "MotetConfiguration"]),
        library(
            "MotetFeatureStore",
            ["MotetCore", "MotetFeatures", "CRedis", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        library("MotetDecisions", ["MotetCore"]),
        library(
            "MotetLedger",
            ["MotetCore", "MotetDecisions", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        library(
            "MotetForecasting",
            ["MotetCore", "MotetData", "MotetConfiguration", "MotetDecisions", "MotetFeatures"]
        ),
        library("MotetRanking", ["MotetCore"]),
        library("MotetRetrieval", ["MotetCore", "CHNSW"]),
        library("MotetCandidates", ["MotetCore", "MotetData", "MotetRetrieval"]),
        library(
            "Motet",
            [
                "MotetCore", "MotetGraph", "MotetOneDNN", "MotetNN", "MotetOptimizers",
                "MotetMultiTask", "MotetMetrics", "MotetData", "MotetEncoders", "MotetRecommenders",
                "MotetTraining",
                "MotetConfiguration", "MotetExperiments", "MotetReports", "MotetSimulation",
                "MotetDecisions", "MotetRanking", "MotetRetrieval", "MotetCandidates",
                "MotetFeatures", "MotetForecasting",
            ]
        ),
        library(
            "MotetServing",
            [
                "MotetCore", "MotetData", "MotetConfiguration", "MotetExperiments",
                "MotetFeatures", "MotetFeatureStore", "MotetCandidates", "MotetRanking",
                "MotetRetrieval", "MotetDecisions", "MotetMetrics", "MotetLedger",
                "MotetForecasting",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "motet-cli",
            dependencies: [
                "Motet", "MotetServing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // Examples: complete programs, run by the tests too.
        .target(
            name: "ExampleSupport",
            dependencies: ["Motet"],
            path: "Examples/Support",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "BehaviorRecommendation",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/BehaviorRecommendation",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "MultimodalProduct",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/MultimodalProduct",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ColdStartItems",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/ColdStartItems",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ClassificationAndDetection",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/ClassificationAndDetection",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "TrainingOrder",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/TrainingOrder",
            exclude: ["README.md"],
            swiftSettings: strict
        ),

        .executableTarget(
            name: "LiveDecisions",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/LiveDecisions",
            exclude: [
                "README.md", "decisions.yaml", "forecast-serve.yaml", "forecast.yaml", "panel.yaml",
                "serve.yaml", "shop.yaml", "tour-campaigns.yaml", "tour-serve.yaml",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "LiveJourney",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/LiveJourney",
            exclude: ["README.md", "features.yaml", "mmoe.yaml", "serve.yaml"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "Shop",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/Shop",
            exclude: [
                "README.md", "journey-compare.yaml", "journey.yaml", "retail-compare.yaml",
                "retail.yaml", "simulated-compare.yaml", "simulated.yaml", "simulation.yaml",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "SimulatedRisk",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/SimulatedRisk",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "SimulatedTruth",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/SimulatedTruth",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "SentimentAndEntities",
            dependencies: ["ExampleSupport", "Motet"],
            path: "Examples/SentimentAndEntities",
            exclude: ["README.md"],
            swiftSettings: strict
        ),

        // Tests.
        library("MotetTestSupport", ["MotetCore", "MotetGraph", "MotetReference", "MotetNN"]),
        tests("MotetCore"),
        tests("MotetGraph", ["MotetReference"]),
        tests("MotetReference", ["MotetGraph", "MotetNN"]),
        tests("MotetOneDNN", ["MotetReference", "CKernels"]),
        tests("MotetNN", ["MotetReference", "MotetOneDNN"]),
        tests("MotetOptimizers", ["MotetReference", "MotetOneDNN"]),
        tests(
            "MotetMultiTask",
            ["MotetCore", "MotetGraph", "MotetNN", "MotetReference", "MotetRecommenders"]
        ),
        tests("MotetMetrics"),
        tests("MotetReports"),
        tests("MotetData"),
        tests(
            "MotetEncoders",
            ["MotetCore", "MotetGraph", "MotetNN", "MotetData", "MotetOneDNN", "MotetTraining"]
        ),
        tests("MotetConfiguration"),
        tests(
            "MotetTraining",
            [
                "MotetCore", "MotetGraph", "MotetNN", "MotetOneDNN", "MotetOptimizers",
                "MotetMultiTask", "MotetRecommenders", "MotetData",
            ]
        ),
        tests("MotetExperiments", ["Motet"]),
        tests("MotetSimulation", ["MotetCore", "MotetData", "MotetConfiguration"]),
        // The program that the tests of the feature store kill; it measures the store too.
        .executableTarget(
            name: "FeatureStoreWriter",
            dependencies: ["MotetFeatures", "MotetFeatureStore"],
            path: "Tests/FeatureStoreWriter",
            swiftSettings: strict
        ),
        tests("MotetFeatureStore", ["MotetCore", "MotetFeatures", "FeatureStoreWriter"]),
        tests(
            "MotetFeatures",
            ["MotetCore", "MotetData", "MotetConfiguration", "MotetSimulation"]
        ),
        // Counts how often a thread of the tests asks for memory.
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        tests("MotetDecisions", ["MotetCore"]),
        tests("MotetLedger", ["MotetCore", "MotetDecisions"]),
        tests(
            "MotetForecasting",
            ["MotetCore", "MotetData", "MotetConfiguration", "MotetFeatures"]
        ),
        tests("MotetRanking", ["MotetCore"]),
        tests("MotetRetrieval", ["MotetCore"]),
        tests("MotetCandidates", ["MotetCore", "MotetData", "MotetRetrieval"]),
        tests(
            "MotetServing",
            [
                "Motet", "MotetCore", "MotetConfiguration", "MotetFeatures", "MotetFeatureStore",
                "MotetCandidates", "MotetRanking", "MotetRetrieval", "MotetDecisions",
                "MotetLedger", "MotetForecasting", "CAllocationCount",
                "motet-cli",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "motet-cliTests",
            dependencies: ["motet-cli", "Motet", "MotetData", "MotetTestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ExampleSupportTests",
            dependencies: ["ExampleSupport", "Motet"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "BehaviorRecommendation", "ClassificationAndDetection", "ColdStartItems",
                "LiveDecisions", "LiveJourney", "MultimodalProduct", "SentimentAndEntities", "Shop",
                "SimulatedRisk",
                "SimulatedTruth", "TrainingOrder",
                "ExampleSupport",
                "Motet", "MotetData",
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)
