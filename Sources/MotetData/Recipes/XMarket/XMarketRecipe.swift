/// XMarket: Amazon ratings of five markets, as prepared for the WSDM Cup 2022.
public struct XMarketRecipe: DatasetRecipe {
    /// Creates the recipe.
    public init() {}

    private static let commit = "f5b1f087a4054537cd8f46bf346f978094b8467e"

    private static func file(_ role: String, _ path: String, _ digest: String) -> DatasetFile {
        DatasetFile(
            role,
            path: path,
            address: "https://raw.githubusercontent.com/hamedrab/wsdm22_cup_xmrec/\(commit)/DATA/"
                + path,
            checksum: .sha256(digest)
        )
    }

    private static func ratings(_ path: String, _ digest: String) -> DatasetFile {
        file("ratings_" + path.prefix(2), path, digest)
    }

    private static func relevance(_ market: String, _ digest: String) -> DatasetFile {
        file("valid_qrel_" + market, market + "/valid_qrel.tsv", digest)
    }

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "xmarket",
            title: "XMarket (WSDM Cup 2022)",
            origin: .addresses(homepage: "https://github.com/hamedrab/wsdm22_cup_xmrec"),
            licence: DatasetLicence("Apache-2.0", .stated),
            size: "427,412 ratings of 16,377 items in five markets",
            tasks: ["like (rated 4 or 5)", "rating"],
            scenarios: "market: s2, s3, t1, t2 (s1 has no ratings and a file of its own)",
            layouts: [
                XMarketRecipe.official,
                [DatasetFile("ratings", path: "xmarket_all.tsv.gz")]
                    + XMarketRecipe.markets.map {
                        DatasetFile("valid_qrel_\($0)", path: "valid_qrel_\($0).tsv.gz")
                    },
            ],
            page: "docs/data/xmarket.md"
        )
    }

    /// The markets, the one without ratings first.
    static let markets = ["s1", "s2", "s3", "t1", "t2"]
    /// How many other items of a user a row carries.
    static let historyLength = 20

    private static let official: [DatasetFile] = [
        ratings(
            "s1/train_5core.tsv",
            "20e099564c6760299fb4266823f1e78d15a31c3bcf34e59000d5e1b2a5847400"
        ),
        ratings("s2/train.tsv", "5e0ccc7966c5cfa72013293ada7a1c1ae1bc518c190758e6686a90660eb8b24c"),
        ratings("s3/train.tsv", "eb2c0553655fa635c9e853754a9b9f25ebfb10fde390ff4aa23ceec7119db466"),
        ratings("t1/train.tsv", "d106a0f44641de9f3e86758773dd455d7a0fd8c423747571583371e3d8475fb5"),
        ratings("t2/train.tsv", "4ed722dbef2a7ae8c86bc48fc399cb8f2b10d9262e448d634dc0d2637691c5f5"),
        relevance("s1", "c8e59e0f24e5dff4a4e3d0775bc9beead9af891ff42312cd0094d2c7e88f6e68"),
        relevance("s2", "998fabebfc1bef764de80377a493b3829007693c00b946aa4b0c05b8eed7f567"),
        relevance("s3", "fc035e19278139ebba2185b4b17b37738870857d3fe8494251997c37053d4e69"),
        relevance("t1", "9338c6ee00539b81950a6d866ef6ab0546eb93184ef6734aa26243a53bc37e91"),
        relevance("t2", "56fc20ae4384dc00c86dedf72ad91493c255731b88020964c744a3d9afbf10b1"),
    ]
}
