<?xml version="1.0" encoding="UTF-8"?>
<!-- Shows a Define-XML 2.1 document (SDTM) as one page: navigation, datasets, variables, value
     level, controlled terms, methods, comments. XSLT 1.0; no script, nothing from outside. -->
<xsl:stylesheet version="1.0"
  xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:odm="http://www.cdisc.org/ns/odm/v1.3"
  xmlns:def="http://www.cdisc.org/ns/def/v2.1"
  xmlns:xlink="http://www.w3.org/1999/xlink"
  exclude-result-prefixes="odm def xlink">

  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>

  <xsl:key name="item" match="odm:ItemDef" use="@OID"/>
  <xsl:key name="codelist" match="odm:CodeList" use="@OID"/>
  <xsl:key name="method" match="odm:MethodDef" use="@OID"/>
  <xsl:key name="comment" match="def:CommentDef" use="@OID"/>
  <xsl:key name="where" match="def:WhereClauseDef" use="@OID"/>
  <xsl:key name="standard" match="def:Standard" use="@OID"/>
  <xsl:key name="item-ref" match="odm:ItemGroupDef/odm:ItemRef" use="@ItemOID"/>
  <xsl:key name="list-owner" match="odm:ItemDef" use="def:ValueListRef/@ValueListOID"/>

  <xsl:variable name="version" select="/odm:ODM/odm:Study/odm:MetaDataVersion"/>
  <xsl:variable name="names" select="/odm:ODM/odm:Study/odm:GlobalVariables"/>
  <xsl:variable name="terms" select="$version/odm:CodeList[not(odm:ExternalCodeList)]"/>
  <xsl:variable name="dictionaries" select="$version/odm:CodeList[odm:ExternalCodeList]"/>

  <xsl:template match="/">
    <html lang="en">
      <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title><xsl:value-of select="$names/odm:StudyName"/> – Data Definitions</title>
        <xsl:call-template name="style"/>
      </head>
      <body>
        <xsl:call-template name="navigation"/>
        <main>
          <xsl:call-template name="heading"/>
          <xsl:call-template name="datasets"/>
          <xsl:apply-templates select="$version/odm:ItemGroupDef" mode="variables"/>
          <xsl:if test="$version/def:ValueListDef"><xsl:call-template name="value-level"/></xsl:if>
          <xsl:if test="$terms"><xsl:call-template name="terminology"/></xsl:if>
          <xsl:if test="$dictionaries"><xsl:call-template name="dictionaries"/></xsl:if>
          <xsl:if test="$version/odm:MethodDef"><xsl:call-template name="methods"/></xsl:if>
          <xsl:if test="$version/def:CommentDef"><xsl:call-template name="comments"/></xsl:if>
          <footer>
            Define-XML <xsl:value-of select="$version/@def:DefineVersion"/>
            · created <xsl:value-of select="translate(/odm:ODM/@CreationDateTime, 'T', ' ')"/>
            · <xsl:value-of select="/odm:ODM/@SourceSystem"/>
            <xsl:text> </xsl:text>
            <xsl:value-of select="/odm:ODM/@SourceSystemVersion"/>
          </footer>
        </main>
      </body>
    </html>
  </xsl:template>

  <!-- Navigation -->

  <xsl:template name="navigation">
    <nav aria-label="Contents">
      <a class="study" href="#top"><xsl:value-of select="$names/odm:StudyName"/></a>
      <p class="quiet">SDTM data definitions</p>
      <h2><a href="#datasets">Datasets</a></h2>
      <ul>
        <xsl:for-each select="$version/odm:ItemGroupDef">
          <li>
            <a href="#{@OID}" title="{odm:Description/odm:TranslatedText}">
              <b><xsl:value-of select="@Name"/></b>
              <span><xsl:value-of select="odm:Description/odm:TranslatedText"/></span>
            </a>
          </li>
        </xsl:for-each>
      </ul>
      <xsl:if test="$version/def:ValueListDef">
        <h2><a href="#value-level">Value level</a></h2>
        <ul>
          <xsl:for-each select="$version/def:ValueListDef">
            <li><a href="#{@OID}"><xsl:call-template name="list-name"/></a></li>
          </xsl:for-each>
        </ul>
      </xsl:if>
      <xsl:if test="$terms">
        <h2><a href="#terms">Controlled terms</a></h2>
        <ul>
          <xsl:for-each select="$terms">
            <xsl:sort select="@Name"/>
            <li><a href="#{@OID}" title="{@Name}"><span><xsl:value-of select="@Name"/></span></a></li>
          </xsl:for-each>
        </ul>
      </xsl:if>
      <xsl:if test="$dictionaries"><h2><a href="#dictionaries">Dictionaries</a></h2></xsl:if>
      <xsl:if test="$version/odm:MethodDef"><h2><a href="#methods">Methods</a></h2></xsl:if>
      <xsl:if test="$version/def:CommentDef"><h2><a href="#comments">Comments</a></h2></xsl:if>
    </nav>
  </xsl:template>

  <!-- Study and standards -->

  <xsl:template name="heading">
    <header id="top">
      <p class="quiet">Study <xsl:value-of select="$names/odm:StudyName"/></p>
      <h1><xsl:value-of select="$names/odm:StudyDescription"/></h1>
      <dl>
        <dt>Protocol</dt><dd><xsl:value-of select="$names/odm:ProtocolName"/></dd>
        <dt>Metadata</dt>
        <dd>
          <xsl:value-of select="$version/@Name"/>
          <xsl:if test="$version/@Description"><br/><xsl:value-of select="$version/@Description"/></xsl:if>
        </dd>
        <dt>Standards</dt>
        <dd>
          <xsl:for-each select="$version/def:Standards/def:Standard">
            <span class="chip">
              <xsl:value-of select="@Name"/>
              <xsl:if test="@PublishingSet"><xsl:text> </xsl:text><xsl:value-of select="@PublishingSet"/></xsl:if>
              <xsl:if test="@Type = 'CT'"> terminology</xsl:if>
              <xsl:text> </xsl:text><xsl:value-of select="@Version"/>
              <xsl:if test="@Status != 'Final'"> (<xsl:value-of select="@Status"/>)</xsl:if>
            </span>
          </xsl:for-each>
        </dd>
        <xsl:if test="$version/def:AnnotatedCRF | $version/def:SupplementalDoc">
          <dt>Documents</dt>
          <dd><xsl:apply-templates select="$version/def:AnnotatedCRF/def:DocumentRef
            | $version/def:SupplementalDoc/def:DocumentRef"/></dd>
        </xsl:if>
      </dl>
    </header>
  </xsl:template>

  <xsl:template match="def:DocumentRef">
    <xsl:variable name="leaf" select="$version/def:leaf[@ID = current()/@leafID]"/>
    <a href="{$leaf/@xlink:href}"><xsl:value-of select="$leaf/def:title"/></a>
    <xsl:if test="def:PDFPageRef">
      (page <xsl:value-of select="def:PDFPageRef/@PageRefs"/>)
    </xsl:if>
    <br/>
  </xsl:template>

  <!-- Datasets -->

  <xsl:template name="datasets">
    <section id="datasets">
      <h2>Datasets</h2>
      <table>
        <thead><tr>
          <th>Dataset</th><th>Description</th><th>Class</th><th>Structure</th><th>Purpose</th>
          <th>Keys</th><th>Comment</th><th>Location</th>
        </tr></thead>
        <tbody><xsl:apply-templates select="$version/odm:ItemGroupDef" mode="row"/></tbody>
      </table>
    </section>
  </xsl:template>

  <xsl:template match="odm:ItemGroupDef" mode="row">
    <tr>
      <xsl:if test="@def:HasNoData"><xsl:attribute name="class">empty</xsl:attribute></xsl:if>
      <td><a class="name" href="#{@OID}"><xsl:value-of select="@Name"/></a></td>
      <td><xsl:value-of select="odm:Description/odm:TranslatedText"/></td>
      <td><xsl:value-of select="def:Class/@Name"/></td>
      <td><xsl:value-of select="@def:Structure"/></td>
      <td><xsl:value-of select="@Purpose"/></td>
      <td><xsl:call-template name="keys"/></td>
      <td>
        <xsl:if test="@def:IsNonStandard"><span class="tag">non-standard</span></xsl:if>
        <xsl:apply-templates select="key('comment', @def:CommentOID)" mode="inline"/>
      </td>
      <td><xsl:call-template name="location"/></td>
    </tr>
  </xsl:template>

  <xsl:template name="keys">
    <xsl:for-each select="odm:ItemRef[@KeySequence]">
      <xsl:sort select="@KeySequence" data-type="number"/>
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:value-of select="key('item', @ItemOID)/@Name"/>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="location">
    <xsl:choose>
      <xsl:when test="def:leaf">
        <a href="{def:leaf/@xlink:href}"><xsl:value-of select="def:leaf/def:title"/></a>
      </xsl:when>
      <xsl:otherwise><span class="tag">no data</span></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Variables of a dataset -->

  <xsl:template match="odm:ItemGroupDef" mode="variables">
    <section id="{@OID}">
      <h2>
        <xsl:value-of select="@Name"/>
        <small><xsl:value-of select="odm:Description/odm:TranslatedText"/></small>
        <span class="file"><xsl:call-template name="location"/></span>
      </h2>
      <p class="quiet">
        <xsl:value-of select="def:Class/@Name"/> · <xsl:value-of select="@def:Structure"/>
        <xsl:if test="odm:ItemRef[@KeySequence]"> · keys: <xsl:call-template name="keys"/></xsl:if>
      </p>
      <table class="variables">
        <thead><tr>
          <th>Variable</th><th>Label</th><th>Key</th><th>Type</th><th>Length</th>
          <th>Controlled terms or format</th><th>Role</th><th>Origin, method, comment</th>
        </tr></thead>
        <tbody>
          <xsl:apply-templates select="odm:ItemRef" mode="row">
            <xsl:sort select="@OrderNumber" data-type="number"/>
          </xsl:apply-templates>
        </tbody>
      </table>
    </section>
  </xsl:template>

  <xsl:template match="odm:ItemRef" mode="row">
    <xsl:variable name="item" select="key('item', @ItemOID)"/>
    <tr id="{@ItemOID}">
      <xsl:if test="@def:HasNoData"><xsl:attribute name="class">empty</xsl:attribute></xsl:if>
      <td>
        <span class="name"><xsl:value-of select="$item/@Name"/></span>
        <xsl:if test="@Mandatory = 'Yes'"><abbr title="Mandatory">*</abbr></xsl:if>
        <xsl:if test="$item/def:ValueListRef">
          <a class="tag" href="#{$item/def:ValueListRef/@ValueListOID}" title="Value-level metadata">values</a>
        </xsl:if>
      </td>
      <td><xsl:value-of select="$item/odm:Description/odm:TranslatedText"/></td>
      <td class="number"><xsl:value-of select="@KeySequence"/></td>
      <td><xsl:value-of select="$item/@DataType"/></td>
      <td class="number"><xsl:apply-templates select="$item" mode="length"/></td>
      <td><xsl:apply-templates select="$item" mode="terms"/></td>
      <td><xsl:value-of select="@Role"/></td>
      <td>
        <xsl:if test="@def:HasNoData"><span class="tag">no data</span></xsl:if>
        <xsl:if test="@def:IsNonStandard"><span class="tag">non-standard</span></xsl:if>
        <xsl:apply-templates select="$item/def:Origin"/>
        <xsl:apply-templates select="key('method', @MethodOID)" mode="inline"/>
        <xsl:apply-templates select="key('comment', $item/@def:CommentOID)" mode="inline"/>
      </td>
    </tr>
  </xsl:template>

  <xsl:template match="odm:ItemDef" mode="length">
    <xsl:choose>
      <xsl:when test="@def:DisplayFormat"><xsl:value-of select="@def:DisplayFormat"/></xsl:when>
      <xsl:when test="@SignificantDigits">
        <xsl:value-of select="concat(@Length, '.', @SignificantDigits)"/>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="@Length"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="odm:ItemDef" mode="terms">
    <xsl:variable name="list" select="key('codelist', odm:CodeListRef/@CodeListOID)"/>
    <xsl:choose>
      <xsl:when test="$list">
        <a href="#{$list/@OID}"><xsl:value-of select="$list/@Name"/></a>
        <xsl:if test="$list/odm:ExternalCodeList/@Version">
          <xsl:text> </xsl:text><xsl:value-of select="$list/odm:ExternalCodeList/@Version"/>
        </xsl:if>
        <xsl:if test="count($list/odm:EnumeratedItem | $list/odm:CodeListItem) &lt; 6
          and ($list/odm:EnumeratedItem | $list/odm:CodeListItem)">
          <div class="quiet">
            <xsl:for-each select="$list/odm:EnumeratedItem | $list/odm:CodeListItem">
              <xsl:if test="position() > 1">, </xsl:if>
              <xsl:value-of select="concat('&quot;', @CodedValue, '&quot;')"/>
            </xsl:for-each>
          </div>
        </xsl:if>
      </xsl:when>
      <xsl:when test="contains(@DataType, 'ate') or contains(@DataType, 'ime')">ISO 8601</xsl:when>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="def:Origin">
    <div>
      <b><xsl:value-of select="@Type"/></b>
      <xsl:if test="@Source"> <span class="quiet"> (source: <xsl:value-of select="@Source"/>)</span></xsl:if>
      <xsl:if test="odm:Description">: <xsl:value-of select="odm:Description/odm:TranslatedText"/></xsl:if>
      <xsl:apply-templates select="def:DocumentRef"/>
    </div>
  </xsl:template>

  <xsl:template match="odm:MethodDef" mode="inline">
    <div class="note">
      <a href="#{@OID}" title="{@Name}">Method</a>:
      <xsl:value-of select="odm:Description/odm:TranslatedText"/>
    </div>
  </xsl:template>

  <xsl:template match="def:CommentDef" mode="inline">
    <div class="note"><xsl:value-of select="odm:Description/odm:TranslatedText"/></div>
  </xsl:template>

  <!-- Value level -->

  <xsl:template name="list-name">
    <xsl:variable name="owner" select="key('list-owner', @OID)"/>
    <xsl:value-of select="key('item-ref', $owner/@OID)/../@Name"/>
    <xsl:text>.</xsl:text>
    <xsl:value-of select="$owner/@Name"/>
  </xsl:template>

  <xsl:template name="value-level">
    <section id="value-level">
      <h2>Value-level metadata</h2>
      <xsl:for-each select="$version/def:ValueListDef">
        <h3 id="{@OID}">
          <a href="#{key('list-owner', @OID)/@OID}"><xsl:call-template name="list-name"/></a>
          <small><xsl:value-of select="key('list-owner', @OID)/odm:Description/odm:TranslatedText"/></small>
        </h3>
        <table class="values">
          <thead><tr>
            <th>Where</th><th>Meaning</th><th>Type</th><th>Length</th>
            <th>Controlled terms or format</th><th>Origin, method, comment</th>
          </tr></thead>
          <tbody><xsl:apply-templates select="odm:ItemRef" mode="value"/></tbody>
        </table>
      </xsl:for-each>
    </section>
  </xsl:template>

  <xsl:template match="odm:ItemRef" mode="value">
    <xsl:variable name="item" select="key('item', @ItemOID)"/>
    <tr>
      <td><xsl:apply-templates select="key('where', def:WhereClauseRef/@WhereClauseOID)"/></td>
      <td><xsl:value-of select="$item/odm:Description/odm:TranslatedText"/></td>
      <td><xsl:value-of select="$item/@DataType"/></td>
      <td class="number"><xsl:apply-templates select="$item" mode="length"/></td>
      <td><xsl:apply-templates select="$item" mode="terms"/></td>
      <td>
        <xsl:apply-templates select="$item/def:Origin"/>
        <xsl:apply-templates select="key('method', @MethodOID)" mode="inline"/>
        <xsl:apply-templates select="key('comment', $item/@def:CommentOID)" mode="inline"/>
      </td>
    </tr>
  </xsl:template>

  <xsl:template match="def:WhereClauseDef">
    <xsl:for-each select="odm:RangeCheck">
      <xsl:if test="position() > 1"> and </xsl:if>
      <span class="name"><xsl:value-of select="key('item', @def:ItemOID)/@Name"/></span>
      <xsl:text> </xsl:text>
      <xsl:choose>
        <xsl:when test="@Comparator = 'EQ'">=</xsl:when>
        <xsl:when test="@Comparator = 'NE'">≠</xsl:when>
        <xsl:when test="@Comparator = 'LT'">&lt;</xsl:when>
        <xsl:when test="@Comparator = 'LE'">≤</xsl:when>
        <xsl:when test="@Comparator = 'GT'">&gt;</xsl:when>
        <xsl:when test="@Comparator = 'GE'">≥</xsl:when>
        <xsl:when test="@Comparator = 'NOTIN'">not in</xsl:when>
        <xsl:otherwise>in</xsl:otherwise>
      </xsl:choose>
      <xsl:text> </xsl:text>
      <xsl:for-each select="odm:CheckValue">
        <xsl:if test="position() > 1">, </xsl:if>
        <xsl:value-of select="."/>
      </xsl:for-each>
    </xsl:for-each>
  </xsl:template>

  <!-- Controlled terms -->

  <xsl:template name="terminology">
    <section id="terms">
      <h2>Controlled terms</h2>
      <div class="lists">
        <xsl:for-each select="$terms">
          <xsl:sort select="@Name"/>
          <div class="list" id="{@OID}">
            <h3>
              <xsl:value-of select="@Name"/>
              <small><xsl:value-of select="odm:Alias[@Context = 'nci:ExtCodeID']/@Name"/></small>
              <xsl:if test="@def:IsNonStandard"><span class="tag">sponsor's own</span></xsl:if>
            </h3>
            <table>
              <thead><tr>
                <th>Value</th>
                <xsl:if test="odm:CodeListItem"><th>Decode</th></xsl:if>
                <th>NCI code</th>
              </tr></thead>
              <tbody>
                <xsl:for-each select="odm:EnumeratedItem | odm:CodeListItem">
                  <tr>
                    <td><xsl:value-of select="@CodedValue"/></td>
                    <xsl:if test="../odm:CodeListItem">
                      <td><xsl:value-of select="odm:Decode/odm:TranslatedText"/></td>
                    </xsl:if>
                    <td>
                      <xsl:value-of select="odm:Alias[@Context = 'nci:ExtCodeID']/@Name"/>
                      <xsl:if test="@def:ExtendedValue"><span class="tag">extended</span></xsl:if>
                    </td>
                  </tr>
                </xsl:for-each>
              </tbody>
            </table>
          </div>
        </xsl:for-each>
      </div>
    </section>
  </xsl:template>

  <xsl:template name="dictionaries">
    <section id="dictionaries">
      <h2>External dictionaries</h2>
      <table>
        <thead><tr><th>Reference</th><th>Dictionary</th><th>Version</th></tr></thead>
        <tbody>
          <xsl:for-each select="$dictionaries">
            <tr id="{@OID}">
              <td><xsl:value-of select="@Name"/></td>
              <td><xsl:value-of select="odm:ExternalCodeList/@Dictionary"/></td>
              <td><xsl:value-of select="odm:ExternalCodeList/@Version"/></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </section>
  </xsl:template>

  <!-- Methods and comments -->

  <xsl:template name="methods">
    <section id="methods">
      <h2>Methods</h2>
      <table class="methods">
        <thead><tr><th>Method</th><th>Type</th><th>Description</th><th>Formal expression</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/odm:MethodDef">
            <tr id="{@OID}">
              <td><xsl:value-of select="@Name"/></td>
              <td><xsl:value-of select="@Type"/></td>
              <td class="text"><xsl:value-of select="odm:Description/odm:TranslatedText"/></td>
              <td>
                <xsl:for-each select="odm:FormalExpression">
                  <code title="{@Context}"><xsl:value-of select="."/></code>
                </xsl:for-each>
                <xsl:apply-templates select="def:DocumentRef"/>
              </td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </section>
  </xsl:template>

  <xsl:template name="comments">
    <section id="comments">
      <h2>Comments</h2>
      <table class="comments">
        <thead><tr><th>Comment on</th><th>Text</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/def:CommentDef">
            <tr id="{@OID}">
              <td><span class="name"><xsl:value-of select="substring-after(@OID, '.')"/></span></td>
              <td class="text">
                <xsl:value-of select="odm:Description/odm:TranslatedText"/>
                <xsl:apply-templates select="def:DocumentRef"/>
              </td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </section>
  </xsl:template>

  <xsl:template name="style">
    <style>
:root { --ink: #1c2733; --quiet: #5c6b7a; --line: #d8dfe6; --paper: #fff; --side: #f4f7f9;
  --accent: #0b5c8c; --head: #e8eff4; --tag: #fdf3d7; --tag-ink: #6b4e00; }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--paper);
  font: 14px/1.45 "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
nav { position: fixed; inset: 0 auto 0 0; width: 17rem; overflow-y: auto; padding: 1.25rem 1rem;
  background: var(--side); border-right: 1px solid var(--line); }
nav .study { font-size: 1.25rem; font-weight: 700; color: var(--ink); }
nav p { margin: 0 0 1rem; }
nav h2 { margin: 1.1rem 0 .3rem; font-size: .8rem; letter-spacing: .04em; text-transform: uppercase; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: flex; gap: .6rem; padding: .15rem .4rem; border-radius: 4px; white-space: nowrap;
  overflow: hidden; color: var(--ink); }
nav li a:hover { background: var(--head); text-decoration: none; }
nav li b { flex: 0 0 4.6rem; color: var(--accent); }
nav li span { overflow: hidden; text-overflow: ellipsis; color: var(--quiet); }
main { margin-left: 17rem; padding: 1.5rem 2rem 3rem; max-width: 110rem; }
header h1 { margin: .1rem 0 1rem; font-size: 1.5rem; line-height: 1.25; max-width: 60rem; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .35rem 1rem; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; }
section { margin-top: 2.2rem; }
h2 { margin: 0 0 .4rem; font-size: 1.2rem; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1rem; }
small { margin-left: .5rem; font-size: .9rem; font-weight: 400; color: var(--quiet); }
.file { float: right; font-size: .9rem; font-weight: 400; }
.quiet { color: var(--quiet); margin: 0 0 .5rem; }
div.quiet { margin: 0; font-size: .92em; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border: 1px solid var(--line); }
thead th { background: var(--head); font-size: .85rem; }
tbody tr:hover { background: #f8fafb; }
tbody tr:target, .list:target h3 { background: var(--tag); }
tr.empty td { color: var(--quiet); background: #fafbfc; }
.name { font-weight: 600; white-space: nowrap; }
.number { white-space: nowrap; }
.variables td:first-child { white-space: nowrap; } .variables td:nth-child(2) { min-width: 11rem; } .variables td:last-child { min-width: 20rem; }
.note { margin-top: .15rem; overflow-wrap: anywhere; }
.text { white-space: pre-line; }
.chip { display: inline-block; margin: 0 .4rem .2rem 0; padding: .05rem .6rem; border-radius: 1rem;
  background: var(--head); }
.tag { display: inline-block; margin: 0 .35rem; padding: 0 .4rem; border-radius: 3px; font-size: .8rem;
  font-weight: 400;
  white-space: nowrap; color: var(--tag-ink); background: var(--tag); }
td > .tag:first-child { margin-left: 0; }
abbr { margin-left: .15rem; color: #a32020; text-decoration: none; cursor: help; }
code { display: block; white-space: pre-wrap; overflow-wrap: anywhere; font: .9em/1.4 Consolas, "DejaVu Sans Mono", monospace; }
.lists { columns: 26rem; column-gap: 1.5rem; }
.list { break-inside: avoid-column; padding-bottom: .8rem; }
.list h3 { margin-top: .2rem; padding: .1rem .2rem; }
footer { margin-top: 3rem; padding-top: .6rem; border-top: 1px solid var(--line); color: var(--quiet); }
@media (max-width: 900px) { nav { position: static; width: auto; max-height: 40vh; border: 0;
  border-bottom: 1px solid var(--line); } main { margin: 0; padding: 1rem; overflow-x: auto; } }
@media print { nav { display: none; } main { margin: 0; padding: 0; max-width: none; }
  body { font-size: 9pt; } tr, .list { break-inside: avoid; } thead { display: table-header-group; }
  section { break-before: page; } #datasets { break-before: auto; } .lists { columns: 2; } }
    </style>
  </xsl:template>
</xsl:stylesheet>
