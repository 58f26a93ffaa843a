import Foundation
import Testing

@testable import MotetReports

/// Colours as eyes of every kind see them.
///
/// Source of the matrices: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
/// Vision Deficiency", IEEE TVCG 15(6), 2009, severity 1.0. <https://doi.org/10.1109/TVCG.2009.113>
private struct Colour {
    let linear: [Double]

    init(_ hex: String) {
        let number = Int(hex.dropFirst(), radix: 16) ?? 0
        linear = [16, 8, 0].map { shift in
            let value = Double((number >> shift) & 255) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
    }

    var luminance: Double { 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] }

    func contrast(_ other: Colour) -> Double {
        (max(luminance, other.luminance) + 0.05) / (min(luminance, other.luminance) + 0.05)
    }

    /// CIE L*a*b* under D65, as seen through a matrix.
    func lab(_ sight: [[Double]]) -> [Double] {
        func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
            matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        let seen = product(sight, linear).map { min(max($0, 0), 1) }
        let xyz = product(
            [
                [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041],
            ],
            seen
        )
        let f = zip(xyz, [0.95047, 1, 1.08883]).map { value, white -> Double in
            let ratio = value / white
            return ratio > 0.008856 ? cbrt(ratio) : 7.787 * ratio + 16.0 / 116
        }
        return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
    }

    static let sights: [(name: String, matrix: [[Double]])] = [
        ("usual", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        (
            "protanopia",
            [
                [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ]
        ),
        (
            "deuteranopia",
            [
                [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ]
        ),
        (
            "tritanopia",
            [
                [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                [0.004733, 0.691367, 0.303900],
            ]
        ),
    ]

    /// The distance as seen by those who keep them apart worst.
    func leastDistance(_ other: Colour) -> Double {
        Self.sights.map { sight in
            zip(lab(sight.matrix), other.lab(sight.matrix)).reduce(0) {
                $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
            }
            .squareRoot()
        }
        .min() ?? 0
    }
}

@Suite("Colours") struct PaletteTests {
    private func colour(_ name: String, isDark: Bool) throws -> Colour {
        let entry = try #require(ReportStyle.colours.first { $0.name == name })
        return Colour(isDark ? entry.dark : entry.light)
    }

    /// A distance of 20 in L*a*b* is far beyond what is just told apart (2.3).
    @Test(arguments: [false, true])
    func seriesAreToldApartByEveryKindOfSight(isDark: Bool) throws {
        let series = ReportStyle.series.map { Colour(isDark ? $0.dark : $0.light) }
        let ground = try colour("back", isDark: isDark)
        for (index, one) in series.enumerated() {
            #expect(one.contrast(ground) >= 3)
            for other in series[..<index] { #expect(one.leastDistance(other) > 20) }
        }
        let (high, low) = (try colour("high", isDark: isDark), try colour("low", isDark: isDark))
        #expect(high.leastDistance(low) > 20)
    }

    /// Planted: red and green of one lightness, which many do not tell apart.
    @Test func aRedAndAGreenOfOneLightnessAreNotToldApart() {
        #expect(Colour("#b06020").leastDistance(Colour("#707020")) < 20)
        #expect(abs(Colour("#ffffff").contrast(Colour("#000000")) - 21) < 1e-9)
    }
}
